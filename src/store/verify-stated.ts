/**
 * What the row of a capture states against what its events say: how it was fetched, what was read of the page, how many posts, and
 * whether it was taken down. What an older embedkeep did not tell the chain is counted, not called damage.
 */
import { NOWHERE } from '../capture.ts';
import { captureIdOf } from './ids.ts';
import type { Tally } from './keep-capture.ts';
import { NO_ARTICLE } from './redact-embed.ts';
import { factsDigest, type PageSays, pageDigest } from './stated.ts';
import type { CaptureCheck, CaptureClaim, StatedCapture } from './verify-captures.ts';
import {
  countOf,
  readingKey,
  type ToldCapture,
  type ToldRemoval,
  type Vouched,
} from './vouched.ts';

type Check = Pick<CaptureCheck, 'inspection' | 'later'> & { readonly vouched: Vouched };

export async function checkStated(
  capture: CaptureClaim,
  told: ToldCapture,
  check: Check,
): Promise<void> {
  const { stated, id } = capture;
  const say = (what: string): void =>
    check.inspection.damage('CAPTURE_MISMATCH', `capture ${id}`, what);
  if (captureIdOf(capture.runId) !== id) say('is said to be of another run than it is named by');
  await checkRemoval(capture, check, say);
  if (!stated) return;
  if (told.facts && factsDigest(stated.facts) !== told.facts) {
    say('says otherwise than its event how it was fetched');
  }
  const { parser } = capture;
  if (parser === undefined) return;
  const problem = pageProblem(capture, check.vouched);
  if (problem === null) return;
  // Read again since the check began?
  const { pages } = await check.later();
  if (parser === null || !pages.has(readingKey({ captureId: id, parser }))) say(problem);
}

function pageProblem(capture: CaptureClaim, vouched: Vouched): string | null {
  const { id: captureId, stated, parser = null } = capture;
  if (!stated) return null;
  if (parser === null) {
    return isBlank(stated) ? null : 'says what was read of its page, although nothing was';
  }
  const { page } = stated;
  const key = readingKey({ captureId, parser });
  const told = vouched.pages.get(key);
  if (!told)
    return `is said to be read by parser ${parser}, of which the event chain knows nothing`;
  if (told.page === undefined) return null;
  const isGone = capture.removedAt && isTombstone(page);
  if (!isGone && pageDigest({ parser, ...page }) !== told.page) {
    return 'says otherwise than its event what was read of its page';
  }
  const embeds = countOf(vouched.sightings.get(key) ?? '');
  const isCounted = countsAs(capture, { embeds, newPosts: told.newPosts ?? 0 });
  return isCounted ? null : 'counts other posts than its event';
}

const isBlank = ({ page, tally }: StatedCapture): boolean =>
  JSON.stringify([page.article, page.truncated, page.suspected]) === '[null,null,[]]' &&
  (tally === null || tally.embeds + tally.newPosts === 0);

/** Imports of JSON lines bring a page's posts one by one. */
function countsAs({ stated, stored }: CaptureClaim, told: Tally): boolean {
  const tally = stored.location === NOWHERE ? null : stated?.tally;
  return !tally || (tally.embeds === told.embeds && tally.newPosts === told.newPosts);
}

const isTombstone = ({ article, suspected }: Omit<PageSays, 'parser'>): boolean =>
  JSON.stringify([article, suspected]) === JSON.stringify([NO_ARTICLE, []]);

/** By a takedown, or a retention rule. */
async function checkRemoval(
  { id, removedAt = null, expiredBy = null }: CaptureClaim,
  { vouched, later }: Check,
  say: (what: string) => void,
): Promise<void> {
  const told = vouched.removedCaptures.get(id);
  const isSaid =
    told === undefined
      ? removedAt === null && expiredBy === null
      : isTold(told, removedAt, expiredBy);
  if (isSaid || (await later()).removedCaptures.has(id)) return;
  if (told === undefined) say('is marked as taken down, of which the event chain knows nothing');
  else if (removedAt === null) say('is not marked as taken down, although the event chain says so');
  else say('is marked as taken down otherwise than the event chain says');
}

/** Of another store's takedown only that it was is known. */
function isTold(told: ToldRemoval, removedAt: string | null, expiredBy: string | null): boolean {
  if (removedAt === null) return false;
  if (told.at === '') return true;
  const [marked, said] = [Date.parse(removedAt), Date.parse(told.at)];
  // An older embedkeep marked what expired with the time at which the sweep had begun.
  return expiredBy === told.rule && (told.rule === null ? marked === said : marked <= said);
}
