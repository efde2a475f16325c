/** A row of the ledger as the rest of the program sees it. */
import type { Selectable } from 'kysely';
import type { Run } from '../ledger.ts';
import type { RunTable } from './tables.ts';

export type RunRow = Selectable<RunTable>;

export const OPEN_STATES = ['accepted', 'running', 'waiting'] as const;
const OPEN: ReadonlySet<string> = new Set(OPEN_STATES);

export const isOpen = (run: Pick<RunRow, 'state'>): boolean => OPEN.has(run.state);

export function toRun(row: RunRow, url: string): Run {
  return {
    id: row.id,
    articleId: row.article_id,
    url,
    state: row.state,
    reason: row.reason,
    priority: row.priority,
    caller: row.caller,
    tags: row.tags,
    references: row.refs,
    attempts: row.attempts,
    waits: row.waits,
    nextAt: row.state === 'waiting' ? (row.wake_at ?? row.due_at) : null,
    waitReason: row.state === 'waiting' ? row.wait_reason : null,
    failure: row.failure,
    captureId: row.capture_id,
    replayOf: row.replay_of,
    acceptedAt: row.accepted_at,
    finishedAt: row.finished_at,
  };
}
