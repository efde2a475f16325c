/** The journal done again: what the database lacks, link by link, each its own transaction and checked against the chain. */
import { EmbedkeepError } from '../errors.ts';
import { failRun, finishRun, readAgain, spendTry } from './deeds.ts';
import { dropRuns } from './drop.ts';
import { readChainHead, restoreLink } from './event-chain.ts';
import { expire } from './expire.ts';
import { liftHold, putHold } from './holds.ts';
import { applyImport } from './import/apply.ts';
import type { Journal } from './journal.ts';
import type { Deed, JournalEntry } from './journal-entry.ts';
import { putPlans } from './plan-rows.ts';
import { readKept } from './read-kept.ts';
import { applyRemoval } from './remove.ts';
import { markGone } from './standing.ts';
import { startRuns } from './start-runs.ts';
import type { Db, Trx } from './tables.ts';
import { dropEndpoint, goOnAfter, putEndpoint } from './webhooks/facts.ts';

/**
 * Answers how many links were done again. Attempts of unfinished runs are those that ended; one in which the process died,
 * and polite waits, are counted in the database alone.
 * @throws EmbedkeepError EVIDENCE_DAMAGED where journal and database contradict each other
 */
export async function replayJournal(db: Db, journal: Journal): Promise<number> {
  const { last } = journal;
  const head = await readChainHead(db);
  if (!last || last.n < head.links) return 0;
  if (last.n === head.links) {
    if (last.hash === head.hash) return 0;
    throw new EmbedkeepError('EVIDENCE_DAMAGED', 'Journal and database tell different stories.', {
      detail: { link: last.n },
    });
  }
  let done = 0;
  for await (const entry of journal.entries()) {
    if (entry.n <= head.links) continue;
    await replay(db, entry);
    done += 1;
  }
  return done;
}

function replay(db: Db, entry: JournalEntry): Promise<void> {
  return db.transaction().execute(async (trx) => {
    const { deed } = entry;
    const at = new Date(entry.at);
    await doAgain(trx, deed, at);
    if ('withheld' in deed) await markGone(trx, deed.withheld ?? [], at);
    await restoreLink(trx, entry, entry.deed.op === 'import' ? entry.deed.names : {});
  });
}

async function doAgain(trx: Trx, deed: Deed, now: Date): Promise<void> {
  switch (deed.op) {
    case 'runs':
      await startRuns(trx, deed, { now });
      await putPlans(trx, deed.plans ?? []);
      return;
    case 'plans':
      await startRuns(trx, { ...deed, joins: [] }, { now });
      await putPlans(trx, deed.plans);
      return;
    case 'finish':
      await finishRun(trx, deed, { now });
      return;
    case 'fail':
      await failRun(trx, deed, { now });
      return;
    case 'reparse':
      await readAgain(trx, deed);
      return;
    case 'read':
      await readKept(trx, deed, { now });
      return;
    case 'try':
      await spendTry(trx, deed, now);
      return;
    case 'drop':
      await dropRuns(trx, deed);
      return;
    case 'hold':
      await putHold(trx, deed, now);
      return;
    case 'release':
      await liftHold(trx, deed, now);
      return;
    case 'remove':
      await applyRemoval(trx, deed, now);
      return;
    case 'webhook':
      await putEndpoint(trx, deed);
      return;
    case 'unhook':
      await dropEndpoint(trx, deed);
      return;
    case 'notified':
      await goOnAfter(trx, deed);
      return;
    case 'expire':
      await expire(trx, deed, now);
      return;
    case 'import':
      await applyImport(trx, deed);
      return;
    case 'note':
      return;
    default:
      throw unknownDeed(deed);
  }
}

const unknownDeed = (deed: never): EmbedkeepError =>
  new EmbedkeepError('SCHEMA_NEWER', undefined, {
    detail: { op: (deed as { op?: unknown }).op },
  });
