/** Commands about what must go and what must stay: remove, retention, hold, unhold, holds. */
import { EmbedkeepError } from '../errors.ts';
import { EXIT } from '../exit-codes.ts';
import type { ArticleDetail } from '../reader.ts';
import type { HoldRow, HoldTarget, RemovalAnswer, RetentionAnswer } from '../upkeep.ts';
import type { Server } from './connect.ts';
import { linesOf } from './files.ts';
import { printable, printJson, table } from './output.ts';

export interface RemoveFlags {
  readonly json?: boolean;
  readonly reason: string;
  readonly dryRun?: boolean;
}
export interface RetentionFlags {
  readonly json?: boolean;
  readonly rules?: string;
  readonly dryRun?: boolean;
}
export interface HoldFlags {
  readonly json?: boolean;
  readonly reason?: string;
  readonly tag?: boolean;
}

/** A line a capture, as it is decided. */
export async function retention(server: Server, flags: RetentionFlags): Promise<number> {
  const { rules, dryRun = false } = flags;
  const totals = { captures: 0, held: 0 };
  for await (const line of linesOf(await server.stream('/v1/retention', { rules, dryRun }))) {
    const { captureId, url, fetchedAt, rule, outcome, holds }: RetentionAnswer = JSON.parse(line);
    const why = holds.map(({ kind, target }) => `${kind} ${target}`).join(', ');
    const said = `${captureId}  ${fetchedAt.slice(0, 10)}  ${outcome}${why && ` by ${why}`}  ${rule}  ${url}`;
    process.stdout.write(`${flags.json ? line : printable(said)}\n`);
    totals[outcome === 'held' ? 'held' : 'captures'] += 1;
  }
  if (flags.json) return EXIT.ok;
  const did = dryRun ? 'would expire; nothing was changed' : 'expired';
  const held = totals.held > 0 ? `; holds protect ${totals.held} more` : '';
  process.stdout.write(
    `${totals.captures} ${totals.captures === 1 ? 'capture' : 'captures'} ${did}${held}\n`,
  );
  return EXIT.ok;
}

const POST = /^(?<platform>[a-z]+)\/(?<postId>.+)$/;
const CAPTURE = /^c[0-9a-z]{10,}$/;
const ARTICLE = /^[0-9a-f]{64}$/;

/** A post as `platform/id`, or the id of a capture. */
export async function remove(server: Server, what: string, flags: RemoveFlags): Promise<number> {
  const { json, reason, dryRun = false } = flags;
  const { platform, postId } = POST.exec(what)?.groups ?? {};
  const target = platform === undefined ? { captureId: what } : { platform, postId };
  const removal = await server.post<RemovalAnswer>(
    '/v1/removals',
    { ...target, reason, dryRun },
    [200],
  );
  const { captures, sightings } = removal;
  if (json) printJson(removal);
  else {
    const would = dryRun
      ? 'would go; nothing was changed'
      : 'are gone; digests and a tombstone stay';
    process.stdout.write(
      `${[...captures, `the bytes of ${captures.length} captures and the words of ${sightings} sightings ${would}`].join('\n')}\n`,
    );
  }
  return EXIT.ok;
}

export async function hold(server: Server, what: string, flags: HoldFlags): Promise<number> {
  const order = { ...(await targetOf(server, what, flags)), reason: flags.reason };
  const { items } = await server.post<{ items: HoldRow[] }>('/v1/holds', order, [200]);
  return printHolds(items, flags);
}

export async function unhold(server: Server, what: string, flags: HoldFlags): Promise<number> {
  const target = await targetOf(server, what, flags);
  const { items } = await server.post<{ items: HoldRow[] }>('/v1/holds/release', target, [200]);
  return printHolds(items, flags);
}

export async function listHolds(server: Server, flags: HoldFlags): Promise<number> {
  const { items } = await server.get<{ items: HoldRow[] }>('/v1/holds');
  return printHolds(items, flags);
}

async function targetOf(server: Server, what: string, { tag }: HoldFlags): Promise<HoldTarget> {
  if (tag) return { kind: 'tag', target: what };
  if (URL.canParse(what)) {
    const { article } = await server.get<ArticleDetail>(`/v1/articles/${encodeURIComponent(what)}`);
    return { kind: 'article', target: article.id };
  }
  if (POST.test(what)) return { kind: 'post', target: what };
  if (ARTICLE.test(what)) return { kind: 'article', target: what };
  if (CAPTURE.test(what)) return { kind: 'capture', target: what };
  const message = `${what} is no post (platform/id), capture id, article id or URL; for a tag say --tag.`;
  throw new EmbedkeepError('PAYLOAD_INVALID', message);
}

function printHolds(items: readonly HoldRow[], { json }: HoldFlags): number {
  if (json) printJson(items);
  else if (items.length === 0) process.stdout.write('no holds\n');
  else {
    const rows = table(items, [
      { head: 'kind', of: (h) => h.kind },
      { head: 'target', of: (h) => h.target, most: 70 },
      { head: 'reason', of: (h) => h.reason },
      { head: 'held at', of: (h) => h.heldAt },
      { head: 'lifted at', of: (h) => h.releasedAt },
    ]);
    process.stdout.write(`${rows}\n`);
  }
  return EXIT.ok;
}
