/** What an import puts into the tables, as rows; the journal of an embedded store keeps them as they are here. */
import type { HoldTarget } from '../holds.ts';
import type { Change } from '../tables.ts';
import type { SightingClaim } from '../verify-sightings.ts';

/** Columns by their names in the database. */
export type Row = Readonly<Record<string, unknown>>;

export interface ImportedRows {
  readonly articles: readonly Row[];
  readonly runs: readonly Row[];
  readonly captures: readonly Row[];
  readonly posts: readonly Row[];
  readonly sightings: readonly ImportedSighting[];
  readonly holds: readonly ImportedHold[];
  /** The store had other things in it: posts that are known are made anew from all their sightings. */
  readonly joins: boolean;
  /** Index of an event to what its post is called today. */
  readonly names: Readonly<Record<string, readonly [platform: string, postId: string]>>;
}

export interface ImportedSighting extends SightingClaim {
  readonly platform: string;
  readonly postId: string;
  readonly ordinal: number;
  readonly changes?: readonly Change[];
}

export interface ImportedHold extends HoldTarget {
  /** Null where the hold was lifted. */
  readonly reason: string | null;
  readonly at: string;
}

export const noRows: ImportedRows = {
  articles: [],
  runs: [],
  captures: [],
  posts: [],
  sightings: [],
  holds: [],
  joins: false,
  names: {},
};

/** One after the other; names of events are each link's own and left out. */
export const together = (all: readonly ImportedRows[], joins: boolean): ImportedRows => ({
  articles: all.flatMap((rows) => rows.articles),
  runs: all.flatMap((rows) => rows.runs),
  captures: all.flatMap((rows) => rows.captures),
  posts: all.flatMap((rows) => rows.posts),
  sightings: all.flatMap((rows) => rows.sightings),
  holds: all.flatMap((rows) => rows.holds),
  joins,
  names: {},
});
