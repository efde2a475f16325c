/** Runs against the digests that their last events state: who ordered what and when, and how it ended. */
import type { Failure } from '../errors.ts';
import { isOpen } from './run-row.ts';
import { DiskShelf } from './shelf.ts';
import { runDigest, type StatedRun } from './stated.ts';
import type { OwnRun } from './verify-articles.ts';
import { type Inspection, plural } from './verify-report.ts';
import { planKey } from './vouch.ts';
import type { Vouched } from './vouched.ts';

export interface RunClaim {
  readonly stated: StatedRun;
  /** Its number. */
  readonly seq: number;
  /** What the row says of its failure a second time, for those who ask by it. */
  readonly columns: {
    readonly errorCode: string | null;
    readonly pageShape: string | null;
    /** Of its article; empty in runs that had ended before there was a backlog. */
    readonly host: string;
    /** Absent where the view does not say: exports leave plans out. */
    readonly plan?: { readonly id: string; readonly due: string } | null;
  };
}

export interface RunCheck {
  readonly inspection: Inspection;
  readonly vouched: Vouched;
  /** What was added to the chain since `vouched`: the store may be written to meanwhile. */
  readonly later: () => Promise<Vouched>;
  /** Is handed each. */
  readonly each: (run: OwnRun) => void;
}

export async function verifyRuns(runs: AsyncIterable<RunClaim>, check: RunCheck): Promise<void> {
  const { inspection, vouched, each } = check;
  const met = new DiskShelf<true>();
  let untold = 0;
  try {
    for await (const run of runs) {
      const { id } = run.stated;
      inspection.count('runs');
      each({ ...run, host: run.columns.host, isImported: vouched.imported.has(id) });
      if (!met.add(id, true)) inspection.damage('RUN_MISMATCH', `run ${id}`, 'is there twice');
      if (vouched.runs.get(id) === '') untold += 1;
      const problem = await problemOf(run, check);
      if (problem) inspection.damage('RUN_MISMATCH', `run ${id}`, problem);
    }
    for (const [id] of vouched.runs.entries()) {
      if (met.has(id)) continue;
      inspection.damage('RUN_MISMATCH', `run ${id}`, 'is in the event chain and not in the store');
    }
  } finally {
    met.close();
  }
  if (untold === 0) return;
  const what = `of which ${plural(untold, 'was', 'were')} told to the chain by an older embedkeep, without a digest`;
  inspection.note('UNCHECKED', 'the runs', what);
}

async function problemOf(
  { stated, columns }: RunClaim,
  { vouched, later }: RunCheck,
): Promise<string | null> {
  const { failure } = stated;
  if (columns.errorCode !== (failure?.code ?? null)) {
    return 'is filed under another error code than its failure has';
  }
  if (!isOpen(stated) && columns.pageShape !== shapeIn(failure)) {
    return 'is filed under another page shape than its failure has';
  }
  if (columns.plan !== undefined && isOfOtherPlan(stated.id, columns.plan, vouched)) {
    return 'is said to be of another plan than its event says';
  }
  const told = vouched.runs.get(stated.id);
  if (told === '' || told === runDigest(stated)) return null;
  // Ended, or joined, since the check began?
  const since = (await later()).runs.get(stated.id);
  if (since !== undefined && (since === '' || told !== undefined)) return null;
  if (since !== undefined) return since === runDigest(stated) ? null : OTHER;
  return told === undefined ? 'is not in the event chain' : OTHER;
}

/** One that the chain does not know yet is not looked at. */
const isOfOtherPlan = (
  id: string,
  plan: NonNullable<RunClaim['columns']['plan']> | null,
  { runs, plans }: Vouched,
): boolean => runs.has(id) && plans.get(id) !== (plan ? planKey(plan) : undefined);

const OTHER = 'is not what the event chain recorded of it';

function shapeIn(failure: Failure | null): string | null {
  const shape = failure?.detail?.['pageShape'];
  return typeof shape === 'string' ? shape : null;
}
