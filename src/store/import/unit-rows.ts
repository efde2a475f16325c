/** The rows that one unit of an export brings, and what of it is already here. */
import type { placeCapture } from './bytes.ts';
import { captureRow, type ImportedCapture, postRow, sightingRow } from './records.ts';
import { type ImportedHold, type ImportedRows, noRows } from './rows.ts';
import type { Unit } from './wacz-units.ts';

/** Capture to where its bytes lie here. */
export type Places = Map<string, Awaited<ReturnType<typeof placeCapture>>>;

/** Joined, a capture that is here keeps what is here; runs without a capture stay where they are. */
export function only(unit: Unit, placed: Places): Unit {
  const captures = unit.captures.filter(({ id }) => placed.has(id));
  const runs = new Set<unknown>(captures.map(({ runId }) => runId));
  const sightings = unit.sightings.filter(({ captureId }) => placed.has(captureId));
  return { ...unit, captures, sightings, runs: unit.runs.filter(({ run }) => runs.has(run.id)) };
}

export function rowsOf(unit: Unit, placed: Places): ImportedRows {
  return {
    ...noRows,
    articles: unit.runs.map(({ article }) => article),
    runs: unit.runs.map(({ run }) => run),
    captures: unit.captures.map((capture: ImportedCapture) =>
      captureRow(capture, placed.get(capture.id) ?? { place: null, body: null }),
    ),
    posts: unit.posts.map(({ post, columns }) => postRow(post, columns)),
    sightings: unit.sightings.map(sightingRow),
    holds: (unit.link?.bodies ?? []).flatMap(holdOf),
    names: unit.link?.posts ?? {},
  };
}

/** `since`: it had come there with an import. */
type ToldHold = ImportedHold & { readonly since?: string };

function holdOf(body: string): ImportedRows['holds'] {
  const { kind, at, detail } = JSON.parse(body) as { kind: string; at: string; detail: never };
  if (kind !== 'held' && kind !== 'released') return [];
  const { kind: what, target, reason, since = at } = detail as ToldHold;
  return [{ kind: what, target, reason: kind === 'held' ? reason : null, at: since }];
}

/** What an import asks of captures that may be here. */
export const keysOf = (batch: readonly Unit[]) =>
  batch.flatMap(({ captures }) =>
    captures.map(({ id, articleId, fetchedAt, stored }) => {
      return { id, articleId, fetchedAt, sha256: stored.sha256, rawSha256: stored.rawSha256 };
    }),
  );
