/** `embedkeep dead`: what failed for good, as a person works it off. */
import { EmbedkeepError } from '../errors.ts';
import { EXIT } from '../exit-codes.ts';
import type { Run } from '../ledger.ts';
import type { ArticleDetail, ArticleRow, DeadGroup, Page } from '../reader.ts';
import { query, type Server } from './connect.ts';
import { printJson, table } from './output.ts';
import { articleText } from './read.ts';

export interface DeadFlags {
  readonly json?: boolean;
  readonly host?: string;
  readonly error?: string;
  readonly shape?: string;
  readonly since?: string;
  readonly until?: string;
  readonly from?: string;
  readonly all?: boolean;
  readonly dryRun?: boolean;
  readonly limit?: number;
}

const chosenBy = ({ host, error: code, shape, since, until }: DeadFlags) => ({
  host,
  code,
  shape,
  since,
  until,
});

export async function listDead(server: Server, flags: DeadFlags): Promise<number> {
  const { items } = await server.get<{ items: DeadGroup[] }>(`/v1/dead${query(chosenBy(flags))}`);
  if (flags.json) printJson(items);
  else process.stdout.write(`${items.length > 0 ? groupsTable(items) : 'no dead letters'}\n`);
  return EXIT.ok;
}

const groupsTable = (groups: readonly DeadGroup[]): string =>
  table(groups, [
    { head: 'articles', of: (g) => g.articles },
    { head: 'host', of: (g) => g.host },
    { head: 'error', of: (g) => g.code },
    { head: 'page shape', of: (g) => g.shape },
    { head: 'retried from', of: (g) => retriedFrom(g) },
    { head: 'oldest', of: (g) => g.oldest.slice(0, 10) },
    { head: 'newest', of: (g) => g.newest.slice(0, 10) },
    { head: 'the newest says', of: (g) => g.message, most: 70 },
  ]);

/** Where no page is kept there is only the network. */
const retriedFrom = ({ replay, kept, articles }: DeadGroup): string => {
  if (replay === 'network' || kept === 0) return 'network';
  return kept === articles ? 'bytes' : `bytes (${kept}), network`;
};

/** One dead letter in full, or the articles of a group. */
export async function showDead(
  server: Server,
  what: string | undefined,
  flags: DeadFlags,
): Promise<number> {
  if (what !== undefined) {
    const detail = await server.get<ArticleDetail>(`/v1/articles/${encodeURIComponent(what)}`);
    if (flags.json) printJson(detail);
    else process.stdout.write(`${articleText(detail)}\n`);
    return EXIT.ok;
  }
  const { host, error, shape, limit } = flags;
  const page = await server.get<Page<ArticleRow>>(
    `/v1/articles${query({ state: 'failed', host, error, shape, limit })}`,
  );
  if (flags.json) printJson(page);
  else process.stdout.write(`${deadTable(page.items)}\n`);
  return EXIT.ok;
}

const deadTable = (rows: readonly ArticleRow[]): string =>
  table(rows, [
    { head: 'url', of: (a) => a.url, most: 70 },
    { head: 'error', of: (a) => a.run.failure?.code ?? null },
    { head: 'attempts', of: (a) => a.run.attempts },
    { head: 'failed at', of: (a) => a.run.finishedAt },
    { head: 'bytes kept', of: (a) => (a.run.captureId ? 'yes' : 'no') },
    { head: 'message', of: (a) => a.run.failure?.message ?? null, most: 60 },
  ]);

interface Handled {
  readonly matched: number;
  readonly items: readonly Run[];
}

/** Named articles, or all that match; in calls of what the ledger takes at once. */
export async function handleDead(
  server: Server,
  verb: 'retry' | 'drop',
  { articles, flags }: { articles: readonly string[]; flags: DeadFlags },
): Promise<number> {
  const { all, from, dryRun = false } = flags;
  const chosen = chosenBy(flags);
  const groups = { ...chosen, ...(all && { all }) };
  if (articles.length === 0 && !(all || Object.values(chosen).some(Boolean))) {
    throw new EmbedkeepError(
      'PAYLOAD_INVALID',
      'Name articles, or --host H, --error CODE, --shape S, --since T, --until T or --all.',
    );
  }
  const choices =
    articles.length > 0
      ? await Promise.all(articles.map(async (what) => ({ articleId: await idOf(server, what) })))
      : [groups];
  const answers: Handled[] = [];
  for (const choice of choices) {
    const order = { ...choice, ...(from !== undefined && { from }), dryRun };
    answers.push(await handleAll(server, `/v1/dead/${verb}`, order));
  }
  const matched = answers.reduce((sum, answer) => sum + answer.matched, 0);
  const items = answers.flatMap((answer) => answer.items);
  const missed = articles.filter((_, index) => answers[index]?.matched === 0);
  if (flags.json) printJson({ matched, items });
  else process.stdout.write(`${sentence(verb, dryRun ? matched : items.length, dryRun)}\n`);
  for (const what of missed) process.stderr.write(`${what} is no dead letter\n`);
  return missed.length > 0 ? EXIT.failed : EXIT.ok;
}

async function handleAll(server: Server, path: string, body: object): Promise<Handled> {
  const items: Run[] = [];
  let matched: number | undefined;
  for (;;) {
    const answer = await server.post<Handled>(path, body, [200, 202]);
    matched ??= answer.matched;
    items.push(...answer.items);
    if (answer.items.length === 0 || answer.items.length >= answer.matched) {
      return { matched, items };
    }
  }
}

const ID = /^[0-9a-f]{64}$/;

async function idOf(server: Server, what: string): Promise<string> {
  if (ID.test(what)) return what;
  const { article } = await server.get<ArticleDetail>(`/v1/articles/${encodeURIComponent(what)}`);
  return article.id;
}

function sentence(verb: 'retry' | 'drop', count: number, dryRun: boolean): string {
  const done = verb === 'retry' ? 'back on the queue' : 'given up';
  return dryRun ? `${count} would be ${done}; nothing was changed` : `${count} ${done}`;
}
