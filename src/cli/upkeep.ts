/** Commands that tend the store: reparse, backup, restore, rebuild. */
import { resolve } from 'node:path';
import { EXIT } from '../exit-codes.ts';
import { postKey } from '../post-key.ts';
import type { BackupAnswer, GarbageRow, Holdings, ReparseAnswer } from '../upkeep.ts';
import type { Server } from './connect.ts';
import { linesOf } from './files.ts';
import { printable, printJson, table } from './output.ts';

export interface ReparseFlags {
  readonly json?: boolean;
  readonly host?: string;
  readonly since?: string;
  readonly parserLt?: string;
  readonly dryRun?: boolean;
}

/** What became of one field over all captures. */
interface FieldTally {
  readonly field: string;
  gained: number;
  lost: number;
  changed: number;
  example: string;
}

/** Exit code 1 where a capture could not be read again. */
export async function reparse(server: Server, flags: ReparseFlags): Promise<number> {
  const { host, since, parserLt: parserBelow, dryRun = false } = flags;
  const answers = await server.stream('/v1/reparse', { host, since, parserBelow, dryRun });
  const tallies = new Map<string, FieldTally>();
  const totals = { captures: 0, differing: 0, failed: 0 };
  for await (const line of linesOf(answers)) {
    if (flags.json) process.stdout.write(`${line}\n`);
    const answer = JSON.parse(line) as ReparseAnswer;
    totals.captures += 1;
    if (answer.diffs.length > 0) totals.differing += 1;
    for (const diff of answer.diffs) count(tallies, { diff, url: answer.url });
    if (!answer.failure) continue;
    totals.failed += 1;
    const { code, message } = answer.failure;
    process.stderr.write(`${code}  ${printable(`${answer.url}  ${message}`)}\n`);
  }
  if (!flags.json) process.stdout.write(summary([...tallies.values()], { ...totals, dryRun }));
  return totals.failed > 0 ? EXIT.failed : EXIT.ok;
}

function count(
  tallies: Map<string, FieldTally>,
  { diff, url }: { diff: ReparseAnswer['diffs'][number]; url: string },
): void {
  const { field, kind } = diff;
  const tally = tallies.get(field) ?? {
    field,
    gained: 0,
    lost: 0,
    changed: 0,
    example: exampleOf(diff, url),
  };
  tally[kind] += 1;
  tallies.set(field, tally);
}

function exampleOf(
  { post, field, before, after }: ReparseAnswer['diffs'][number],
  url: string,
): string {
  const where = post ? `${post.platform}/${postKey(post)}` : url;
  return field === 'embed' ? where : `${where}: ${shown(before)} → ${shown(after)}`;
}

const shown = (value: unknown): string => {
  const text = JSON.stringify(value) ?? 'null';
  return text.length > 24 ? `${text.slice(0, 23)}…` : text;
};

function summary(
  tallies: readonly FieldTally[],
  totals: { captures: number; differing: number; failed: number; dryRun: boolean },
): string {
  const rows = table(
    tallies.toSorted((a, b) => a.field.localeCompare(b.field, 'en')),
    [
      { head: 'field', of: (t) => t.field },
      { head: 'gained', of: (t) => t.gained },
      { head: 'lost', of: (t) => t.lost },
      { head: 'changed', of: (t) => t.changed },
      { head: 'for example', of: (t) => t.example, most: 90 },
    ],
  );
  const { captures, differing, failed, dryRun } = totals;
  const read = `${captures} ${captures === 1 ? 'capture' : 'captures'} read again, ${differing} differ, ${failed} failed`;
  const wrote = dryRun ? '; nothing was written' : '';
  return `${tallies.length > 0 ? `${rows}\n` : ''}${read}${wrote}\n`;
}

/** `dir` is one of the machine on which the server runs. */
export async function backup(
  server: Server,
  dir: string,
  flags: { json?: boolean },
): Promise<number> {
  const made = await server.post<BackupAnswer>('/v1/backup', { dir: resolve(dir) }, [200]);
  const bytes = made.files.reduce((sum, { size }) => sum + size, 0);
  if (flags.json) printJson(made);
  else {
    process.stdout.write(
      `${resolve(dir)}: ${made.files.length} files, ${bytes} bytes, the event chain up to link ${made.chain.links}\n`,
    );
  }
  return EXIT.ok;
}

export async function collectGarbage(
  server: Server,
  { json, dryRun = false }: { json?: boolean; dryRun?: boolean },
): Promise<number> {
  const { items } = await server.post<{ items: GarbageRow[] }>('/v1/gc', { dryRun }, [200]);
  if (json) printJson(items);
  else {
    const rows = table(items, [
      { head: 'file', of: (g) => g.location },
      { head: 'offset', of: (g) => g.offset },
      { head: 'bytes', of: (g) => g.length },
      { head: 'url', of: (g) => g.url },
      { head: 'answered at', of: (g) => g.answeredAt },
      { head: '', of: (g) => (g.isErased ? 'erased' : g.isOldEnough ? 'would go' : 'too young') },
    ]);
    const total = `${items.length} bodies that no capture names`;
    process.stdout.write(`${items.length > 0 ? `${rows}\n` : ''}${total}\n`);
  }
  return EXIT.ok;
}

/** After restore or rebuild. */
export function printHoldings(verb: string, holdings: Holdings, json: boolean): number {
  const { runs, captures, posts, links } = holdings;
  const unfinished = (runs['accepted'] ?? 0) + (runs['running'] ?? 0) + (runs['waiting'] ?? 0);
  if (json) printJson(holdings);
  else {
    process.stdout.write(
      `${verb}: ${captures} captures, ${posts} posts, ${links} links of the event chain; ${unfinished} unfinished runs go back to the queue when embedkeep starts\n`,
    );
  }
  return EXIT.ok;
}
