/**
 * The story of an article: claim its run, ask politely, fetch, keep the bytes, read them, store what was seen.
 * Everything that touches the world is handed in; what this returns is what the ledger now says.
 */
import type { Capture, Validators } from './capture.ts';
import type { Extraction } from './embed.ts';
import { EmbedkeepError, type Failure, toFailure } from './errors.ts';
import type { Archive, Claim, Holder, Kept, Ledger, WaitsIn } from './ledger.ts';

export interface Story {
  readonly ledger: Pick<Ledger, 'claim' | 'postpone' | 'retryLater' | 'fail' | 'finish'>;
  /** Politeness: a slot at this host now, or when to come back. The most urgent come first. */
  readonly ask: (url: string, priority?: number) => Promise<Slot | Wait>;
  readonly fetch: (claim: Claim, validators: Validators | null) => Promise<Capture>;
  /** A page that an earlier run kept, for a run that reads it instead of fetching. */
  readonly recall: (captureId: string) => Promise<Kept>;
  readonly archive: Pick<Archive, 'write'>;
  /** Off the event loop, bounded in time and memory. */
  readonly parse: (kept: Kept) => Promise<Extraction>;
  /**
   * When to try again after this many attempts, or null where it is over. `deaths` of them were no fault of the
   * page's host: they do not lengthen the wait.
   */
  readonly retryAt: (failure: Failure, attempts: number, deaths?: number) => Date | null;
  readonly now: () => Date;
}

export interface Slot {
  readonly kind: 'slot';
  /** Gives the slot back and tells the host's pace how it went. */
  readonly release: (outcome: {
    status: number | null;
    failure: Failure | null;
    /** When the last response began: the next request keeps its distance from here. Default: now. */
    answeredAt?: Date;
  }) => Promise<void>;
}
export interface Wait {
  readonly kind: 'wait';
  readonly until: Date;
  /** In words, for `embedkeep why`. */
  readonly reason: string;
}

/** Thrown by `fetch` where a redirect leads to a host that must be waited for; no attempt is spent. */
export class PoliteWait extends Error {
  override readonly name = 'PoliteWait';
  readonly wait: Wait;

  constructor(wait: Wait) {
    super(wait.reason);
    this.wait = wait;
  }
}

export type Outcome =
  | {
      readonly kind: 'done';
      readonly captureId: string;
      readonly embeds: number;
      readonly newPosts: number;
    }
  | {
      readonly kind: 'later';
      readonly until: Date;
      readonly reason: string;
      readonly waitsIn: WaitsIn;
    }
  | { readonly kind: 'failed'; readonly failure: Failure }
  /** Final already, or another worker's. */
  | { readonly kind: 'settled' };

export async function ingest(runId: string, story: Story, by: Holder): Promise<Outcome> {
  try {
    const claim = await story.ledger.claim(runId, story.now(), by);
    return claim ? await tell(claim, story) : { kind: 'settled' };
  } catch (thrown) {
    // Refused by the ledger: whoever has the run now tells how it ends.
    if (thrown instanceof EmbedkeepError && thrown.code === 'LOCK_LOST') return { kind: 'settled' };
    throw thrown;
  }
}

async function tell(claim: Claim, story: Story): Promise<Outcome> {
  let kept: Kept | undefined;
  const poison = poisonOf(claim, story);
  const { replayOf } = claim.run;
  if (poison === 'deadly' || (poison && replayOf !== null)) {
    return settle({ claim, kept, failure: WORKER_DIED }, story);
  }
  try {
    if (replayOf !== null) return await read(claim, await story.recall(replayOf), story);
    const turn = await story.ask(claim.run.url, claim.run.priority);
    if (turn.kind === 'wait') return await postpone(claim, turn, story);
    const capture = await fetchInSlot(claim, turn, story);
    kept = { capture, stored: await story.archive.write(capture) };
    if (capture.failure) return await settle({ claim, kept, failure: capture.failure }, story);
    if (poison) return await settle({ claim, kept, failure: WORKER_DIED }, story);
    return await read(claim, kept, story);
  } catch (thrown) {
    if (thrown instanceof PoliteWait) return await postpone(claim, thrown.wait, story);
    return settle({ claim, kept, failure: toFailure(thrown) }, story);
  }
}

async function read(claim: Claim, kept: Kept, story: Story): Promise<Outcome> {
  const extraction = await story.parse(kept);
  const counts = await story.ledger.finish(claim, kept, extraction);
  return { kind: 'done', ...counts };
}

const WORKER_DIED = toFailure(
  new EmbedkeepError(
    'WORKER_DIED',
    'The worker process died in every try; what the page held is kept unread.',
  ),
);

/**
 * A failure that is written down ends a run at its last try. More tries than that, and the process died in the last:
 * the bytes are fetched and kept once more without reading them; and not even that where it died again.
 */
function poisonOf(claim: Claim, story: Story): 'keep unread' | 'deadly' | null {
  const spent = (attempts: number): boolean => story.retryAt(WORKER_DIED, attempts) === null;
  const before = claim.run.attempts - 1;
  if (before < 1 || !spent(before)) return null;
  return before > 1 && spent(before - 1) ? 'deadly' : 'keep unread';
}

async function postpone(claim: Claim, wait: Wait, story: Story): Promise<Outcome> {
  const waitsIn = await story.ledger.postpone(claim, wait.until, wait.reason);
  return { kind: 'later', until: wait.until, reason: wait.reason, waitsIn };
}

async function fetchInSlot(claim: Claim, slot: Slot, story: Story): Promise<Capture> {
  try {
    const capture = await story.fetch(claim, claim.validators);
    await slot.release(outcomeOf(capture));
    return capture;
  } catch (thrown) {
    const failure = thrown instanceof PoliteWait ? null : toFailure(thrown);
    await slot.release({ status: null, failure });
    throw thrown;
  }
}

function outcomeOf({ hops, failure }: Capture): Parameters<Slot['release']>[0] {
  const last = hops.at(-1);
  return {
    status: last?.status ?? null,
    failure: failure ?? null,
    ...(last && { answeredAt: new Date(Date.parse(last.startedAt) + last.timings.headers) }),
  };
}

async function settle(
  { claim, kept, failure }: { claim: Claim; kept: Kept | undefined; failure: Failure },
  story: Story,
): Promise<Outcome> {
  if (failure.code === 'LOCK_LOST') throw new EmbedkeepError('LOCK_LOST', failure.message);
  if (failure.code === 'HANDED_BACK') {
    return postpone(claim, { kind: 'wait', until: story.now(), reason: failure.message }, story);
  }
  const { attempts } = claim.run;
  const until = failure.retry ? story.retryAt(failure, attempts, claim.deaths) : null;
  if (until) {
    const waitsIn = await story.ledger.retryLater(claim, until, failure);
    return { kind: 'later', until, reason: failure.code, waitsIn };
  }
  await story.ledger.fail(claim, failure, kept);
  return { kind: 'failed', failure };
}
