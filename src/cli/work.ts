/** Commands that give work: add, ingest, retry. Each is a call or two of the HTTP API. */
import { createReadStream } from 'node:fs';
import { setTimeout as sleep } from 'node:timers/promises';
import { EmbedkeepError } from '../errors.ts';
import { EXIT } from '../exit-codes.ts';
import type { Answer, Run } from '../ledger.ts';
import type { ArticleDetail, ArticleRow, Page } from '../reader.ts';
import { query, type Server } from './connect.ts';
import { printJson, table } from './output.ts';
import { articleText } from './read.ts';

export interface AddFlags {
  readonly json?: boolean;
  readonly file?: string;
  readonly priority?: number;
  readonly tag?: readonly string[];
  readonly reference?: string;
  readonly caller?: string;
  readonly plan?: string;
  readonly force?: boolean;
}

const MOST_PER_CALL = 10_000;

/** Enqueues; answers exit code 1 if any URL was refused. */
export async function add(
  server: Server,
  urls: readonly string[],
  flags: AddFlags,
): Promise<number> {
  const answers = await enqueue(server, urls, flags);
  if (flags.json) printJson(answers);
  else process.stdout.write(`${answersTable(answers)}\n${tally(answers)}\n`);
  return answers.some((a) => a.status === 'refused') ? EXIT.failed : EXIT.ok;
}

/** One-shot: enqueue, wait until every run is final, print what was preserved. */
export async function ingestNow(
  server: Server,
  urls: readonly string[],
  flags: AddFlags,
): Promise<number> {
  const answers = await enqueue(server, urls, flags);
  const runs = await Promise.all(
    answers.flatMap(({ runId }) => (runId ? [finalRun(server, runId)] : [])),
  );
  const articles = await Promise.all(
    [...new Set(runs.map((run) => run.articleId))].map((id) =>
      server.get<ArticleDetail>(`/v1/articles/${id}`),
    ),
  );
  if (flags.json) printJson({ answers, articles });
  else for (const article of articles) process.stdout.write(`${articleText(article)}\n`);
  for (const { url, reason } of answers.filter((a) => a.status === 'refused')) {
    process.stderr.write(`refused  ${url}  ${reason?.code}  ${reason?.message}\n`);
  }
  const allDone = runs.every((run) => run.state === 'done') && answers.every((a) => a.runId);
  return allDone ? EXIT.ok : EXIT.failed;
}

async function enqueue(
  server: Server,
  urls: readonly string[],
  flags: AddFlags,
): Promise<Answer[]> {
  const shared = {
    ...(flags.priority !== undefined && { priority: flags.priority }),
    ...(flags.tag && { tags: flags.tag }),
    ...(flags.reference && { reference: flags.reference }),
    ...(flags.caller && { caller: flags.caller }),
    ...(flags.plan && { plan: flags.plan }),
    ...(flags.force && { force: true }),
  };
  const answers: Answer[] = [];
  for (let at = 0; at < urls.length; at += MOST_PER_CALL) {
    const orders = urls.slice(at, at + MOST_PER_CALL).map((url) => ({ url, ...shared }));
    const { items } = await server.post<{ items: Answer[] }>('/v1/articles', orders, [202, 422]);
    answers.push(...items.map((a) => ({ ...a, index: a.index + at })));
  }
  return answers;
}

const POLL_MS = 200;

async function finalRun(server: Server, runId: string): Promise<Run> {
  for (;;) {
    const run = await server.get<Run>(`/v1/runs/${runId}`);
    if (run.state === 'done' || run.state === 'failed' || run.state === 'dropped') return run;
    await sleep(POLL_MS);
  }
}

const LINE_BREAK = /\r?\n/;

/**
 * URLs of the arguments, of `--file`, and of standard input where an argument is `-`; a URL a line.
 * Asked before anything is opened: what is missing is said at once.
 * @throws EmbedkeepError FILE_UNREADABLE, PAYLOAD_INVALID
 */
export async function orderedUrls(
  urls: readonly string[],
  { file }: Pick<AddFlags, 'file'>,
): Promise<string[]> {
  const lists = await Promise.all([
    ...urls.map((url) => (url === '-' ? linesOf(process.stdin) : [url])),
    ...(file ? [linesOf(file === '-' ? process.stdin : createReadStream(file))] : []),
  ]).catch((cause: Error) => {
    throw new EmbedkeepError('FILE_UNREADABLE', cause.message, { cause });
  });
  const given = lists.flat();
  if (given.length > 0) return given;
  throw new EmbedkeepError(
    'PAYLOAD_INVALID',
    'No URL given. Name some, or use --file F, or - for standard input.',
  );
}

async function linesOf(stream: AsyncIterable<unknown>): Promise<string[]> {
  const chunks: Buffer[] = [];
  for await (const chunk of stream) chunks.push(Buffer.from(chunk as Uint8Array));
  return Buffer.concat(chunks)
    .toString('utf8')
    .split(LINE_BREAK)
    .map((line) => line.trim())
    .filter((line) => line !== '' && !line.startsWith('#'));
}

const answersTable = (answers: readonly Answer[]): string =>
  table(answers, [
    { head: 'status', of: (a) => a.status },
    { head: 'url', of: (a) => a.url, most: 80 },
    { head: 'run', of: (a) => a.runId },
    { head: 'reason', of: (a) => (a.reason ? `${a.reason.code}: ${a.reason.message}` : null) },
  ]);

function tally(answers: readonly Answer[]): string {
  const of = (status: Answer['status']) => answers.filter((a) => a.status === status).length;
  return `${of('accepted')} accepted, ${of('known')} known, ${of('refused')} refused`;
}

export interface RetryFlags {
  readonly json?: boolean;
  readonly all?: boolean;
  readonly host?: string;
  readonly error?: string;
}

/** Failed articles go back to the queue with a new run: those named, or all that match. */
export async function retry(
  server: Server,
  articles: readonly string[],
  flags: RetryFlags,
): Promise<number> {
  const named = articles.length > 0 ? articles : await failedArticles(server, flags);
  const runs: Run[] = [];
  for (const id of named) {
    const { items } = await server.post<{ items: Run[] }>(
      `/v1/articles/${encodeURIComponent(id)}/retry`,
      {},
      [202],
    );
    runs.push(...items);
  }
  if (flags.json) printJson(runs);
  else process.stdout.write(`${runs.length} back on the queue\n`);
  return EXIT.ok;
}

async function failedArticles(server: Server, flags: RetryFlags): Promise<string[]> {
  if (!(flags.all || flags.host || flags.error)) {
    throw new EmbedkeepError(
      'PAYLOAD_INVALID',
      'Name articles, or --host H, --error CODE or --all.',
    );
  }
  const ids: string[] = [];
  let cursor: string | undefined;
  do {
    const { host, error } = flags;
    const page: Page<ArticleRow> = await server.get(
      `/v1/articles${query({ state: 'failed', host, error, cursor, limit: 1000 })}`,
    );
    ids.push(...page.items.map((a) => a.id));
    cursor = page.next ?? undefined;
  } while (cursor);
  return ids;
}
