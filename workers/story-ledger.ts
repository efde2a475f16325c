/** What the story writes to the ledger: measured, a late write told of, a failure with the shape of the page that it kept. */
import { EmbedkeepError } from '../src/errors.ts';
import type { Story } from '../src/ingest.ts';
import type { Claim, Kept, Ledger } from '../src/ledger.ts';
import type { Metrics } from '../src/metrics.ts';
import { pageShape } from '../src/page-shape.ts';
import type { CaptureRow, Reader } from '../src/reader.ts';
import type { Logger } from './log.ts';

interface Parts {
  readonly ledger: Ledger;
  readonly metrics: Pick<Metrics, 'timed' | 'refusedLate'>;
  readonly log: Logger;
  /** Bytes of captures that show a post that was taken down. */
  readonly erase: (captures: readonly string[]) => Promise<unknown>;
}

export function ledgerOf({ ledger, metrics, log, erase }: Parts): Story['ledger'] {
  /** Another worker has the run: this one was frozen or cut off for longer than its lock, and is told so here. */
  const refusable = <A extends unknown[], T>(
    write: string,
    run: (claim: Claim, ...args: A) => Promise<T>,
  ) => {
    return async (claim: Claim, ...args: A): Promise<T> => {
      try {
        return await run(claim, ...args);
      } catch (thrown) {
        if (thrown instanceof EmbedkeepError && thrown.code === 'LOCK_LOST') {
          metrics.refusedLate(thrown.code);
          log.warn({ runId: claim.run.id, write, code: thrown.code }, 'late write refused');
        }
        throw thrown;
      }
    };
  };
  /** The run is done, whatever becomes of this: what is left is done by the next removal or start. */
  const finish: Ledger['finish'] = async (...given) => {
    const counts = await ledger.finish(...given);
    const { captureId, withheld = [] } = counts;
    if (withheld.length === 0) return counts;
    log.info({ captureId, withheld }, 'the page shows a post that was taken down: its bytes go');
    await erase(withheld).catch((err: unknown) => {
      log.error({ err, withheld }, 'bytes cannot be erased; the next removal or start tries again');
    });
    return counts;
  };
  return {
    claim: (runId, at, by) => ledger.claim(runId, at, by),
    postpone: refusable('postpone', ledger.postpone),
    retryLater: refusable('retryLater', ledger.retryLater),
    fail: refusable('fail', (claim, failure, kept) =>
      ledger.fail(claim, withShape(failure, kept), kept),
    ),
    finish: metrics.timed('store', refusable('finish', finish)),
  };
}

function withShape(failure: Parameters<Ledger['fail']>[1], kept: Kept | undefined) {
  const body = kept?.capture.body;
  if (!body) return failure;
  return { ...failure, detail: { ...failure.detail, pageShape: pageShape(body) } };
}

/** @throws EmbedkeepError NOT_FOUND where the page went meanwhile */
export async function recall(
  captureId: string,
  { capture }: Pick<Reader, 'capture'>,
): Promise<Kept> {
  const row = await capture(captureId);
  if (!row || row.removedAt) {
    throw new EmbedkeepError('NOT_FOUND', 'The page that was to be read again is no longer kept.');
  }
  return { capture: withoutBody(row), stored: row.stored };
}

/** As far as a row says; what it was fetched with is in the archive. */
function withoutBody(row: CaptureRow): Kept['capture'] {
  const { url, finalUrl, fetchedAt, reason, contentType, charset } = row;
  const { truncated, robotsRule, revisitOf } = row;
  const address = { url, finalUrl, fetchedAt, reason, hops: [], body: null };
  return {
    ...address,
    contentType,
    charset,
    truncated: truncatedOf(truncated),
    robotsRule,
    revisitOf,
  };
}

const truncatedOf = (truncated: string | null) => truncated as Kept['capture']['truncated'];
