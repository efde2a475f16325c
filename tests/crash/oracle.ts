/** What must hold after any crash: nothing accepted is lost, nothing is doubled, every byte verifies. */
import { createHash } from 'node:crypto';
import { setTimeout as sleep } from 'node:timers/promises';
import type { Run } from '../../src/ledger.ts';
import type { ArticleDetail, ArticleRow, Page } from '../../src/reader.ts';
import type { VerifyAnswer } from '../../src/upkeep.ts';
import type { Embedkeep } from '../support/embedkeep.ts';
import { isGone, toldOf } from './pages.ts';

export interface Verdict {
  /** Answered to a caller, or committed before the process could answer. */
  readonly accepted: number;
  /** Accepted, and neither final nor waiting for its next try; or done without a capture. */
  readonly lost: number;
  /** Captures of one run beyond the first, and articles whose one post was seen twice. */
  readonly doubled: number;
  /** Captures whose bytes do not match their digest, and whatever `verify` finds damaged. */
  readonly damaged: number;
  /** Ended as failures though their pages were there; or done though they were not. */
  readonly wrong: number;
  /** Ends and sightings that no webhook told of, or that share a delivery id or have two. */
  readonly untold: number;
  readonly toldTwice: number;
  readonly alive: boolean;
}

/** All that is right. */
export const ALL_WELL = {
  ...{ lost: 0, doubled: 0, damaged: 0, wrong: 0, untold: 0, toldTwice: 0 },
  ...{ alive: true, temporary: 0 },
};

const AT_A_TIME = 8;

type Told = ReadonlyMap<string, ReadonlySet<string>>;

export async function judge(
  server: Embedkeep,
  answered: ReadonlySet<string>,
  told: Told,
): Promise<Verdict> {
  const tally = { lost: 0, doubled: 0, damaged: 0, wrong: 0 };
  const toTell = new Set<string>();
  const ids = await articlesOf(server);
  const seen = new Set<string>();
  await inParallel(ids, async (id) => {
    const detail = await server.get<ArticleDetail>(`/v1/articles/${id}`);
    tally.doubled += Math.max(0, detail.embeds.length - 1);
    for (const run of detail.runs) {
      seen.add(run.id);
      judgeRun(run, tally);
      for (const what of eventsOf(run, detail)) toTell.add(what);
      await judgeCaptures(server, { run, detail }, tally);
    }
  });
  // What was answered must be there at all.
  for (const id of answered) if (!seen.has(id)) tally.lost += 1;
  const report = await server.get<VerifyAnswer>('/v1/verify');
  if (!report.ok) process.stdout.write(`verify: ${JSON.stringify(report.findings.slice(0, 5))}\n`);
  tally.damaged += report.damages;
  const { exitCode, signalCode } = server.child;
  const alive = exitCode === null && signalCode === null;
  const accepted = new Set([...seen, ...answered]).size;
  return { accepted, ...tally, ...(await judgeTold(toTell, told)), alive };
}

/** What must be told of a run: its end, and the one post of a page that was read. */
function eventsOf({ id, state }: Run, { captures, embeds }: ArticleDetail): string[] {
  if (state === 'failed' || state === 'dropped') return [toldOf('article.failed', id)];
  if (state !== 'done') return [];
  const isShown = captures[0]?.runId === id;
  const posts = isShown ? embeds.map(({ postId }) => toldOf('embed.seen', id, postId ?? '')) : [];
  return [toldOf('article.done', id), ...posts];
}

const TOLD_WITHIN_MS = 60_000;

async function judgeTold(toTell: ReadonlySet<string>, told: Told) {
  const missing = (): string[] => [...toTell].filter((what) => !told.has(what));
  const began = performance.now();
  while (missing().length > 0 && performance.now() - began < TOLD_WITHIN_MS) await sleep(200);
  if (missing().length > 0) process.stdout.write(`untold: ${missing().slice(0, 5).join('; ')}\n`);
  const ids = [...told.values()].flatMap((each) => [...each]);
  // Under several ids, or one id for several.
  const toldTwice = ids.length - told.size + ids.length - new Set(ids).size;
  return { untold: missing().length, toldTwice };
}

type Tally = Record<'lost' | 'doubled' | 'damaged' | 'wrong', number>;

function judgeRun(run: Run, tally: Tally): void {
  const isFinal = run.state === 'done' || run.state === 'failed' || run.state === 'dropped';
  if (!isFinal && !(run.state === 'waiting' && run.nextAt)) tally.lost += 1;
  // What was kept of a page that is gone can be read all the same.
  const failsByRights = isGone(run.url) && run.replayOf === null;
  if (isFinal && (run.state === 'done') === failsByRights) {
    if (tally.wrong === 0) process.stdout.write(`wrong: ${JSON.stringify(run)}\n`);
    tally.wrong += 1;
  }
}

async function judgeCaptures(
  server: Embedkeep,
  { run, detail }: { run: Run; detail: ArticleDetail },
  tally: Tally,
): Promise<void> {
  const own = detail.captures.filter(({ id, runId }) =>
    run.replayOf === null ? runId === run.id : id === run.replayOf,
  );
  if (run.state === 'done' && own.length === 0) tally.lost += 1;
  tally.doubled += Math.max(0, own.length - 1);
  for (const { id, stored } of own) {
    const response = await fetch(`${server.address}/v1/captures/${id}/body`);
    const body = Buffer.from(await response.arrayBuffer());
    if (createHash('sha256').update(body).digest('hex') !== stored.sha256) tally.damaged += 1;
  }
}

/** Also of what was committed before the process died without an answer: nobody was told, but it is there. */
async function articlesOf(server: Embedkeep): Promise<string[]> {
  const ids: string[] = [];
  for (let cursor = ''; ; ) {
    const page = await server.get<Page<ArticleRow>>(`/v1/articles?limit=1000${cursor}`);
    ids.push(...page.items.map(({ id }) => id));
    if (!page.next) return ids;
    cursor = `&cursor=${encodeURIComponent(page.next)}`;
  }
}

async function inParallel<T>(items: readonly T[], work: (item: T) => Promise<void>): Promise<void> {
  const waiting = [...items];
  const lane = async (): Promise<void> => {
    for (let item = waiting.pop(); item !== undefined; item = waiting.pop()) await work(item);
  };
  await Promise.all(Array.from({ length: AT_A_TIME }, lane));
}
