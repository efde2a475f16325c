/** What operators and archivists have done to a store: shapes shared by API and CLI; workers/upkeep.ts wires them. Types only. */
import type { Failure } from './errors.ts';
import type { PostRow } from './reader.ts';

export interface Upkeep {
  /** One answer a capture; ending the iteration ends the work, and calling again goes on where it was. */
  reparse(order: ReparseOrder): AsyncIterable<ReparseAnswer>;
  /** Into an empty or missing directory of this machine, while the store works. @throws EmbedkeepError CONFLICT */
  backup(dir: string): Promise<BackupAnswer>;
  /** An `exported` event. */
  noteExport(note: ExportNote): Promise<void>;
  /** Every digest and the event chain, while the store works. */
  verify(): Promise<VerifyAnswer>;
  /** Takedown: words and bytes go, digests and a tombstone stay. @throws EmbedkeepError NOT_FOUND, LEGAL_HOLD */
  remove(order: RemovalOrder): Promise<RemovalAnswer>;
  /** What is held can not be removed. Holding it twice changes nothing. */
  hold(order: HoldTarget & { readonly reason: string }): Promise<void>;
  /** @throws EmbedkeepError NOT_FOUND where nothing holds it */
  release(target: HoldTarget): Promise<void>;
  holds(): Promise<readonly HoldRow[]>;
  /**
   * Captures whose time has come; without rules, those of RETENTION. Ending the iteration ends the work.
   * @throws EmbedkeepError PAYLOAD_INVALID for rules that cannot be read, or none at all
   */
  retain(order: RetentionOrder): AsyncIterable<RetentionAnswer>;
  /** Bodies that no capture names; without `dryRun` those older than a week are erased. */
  collectGarbage(order: { readonly dryRun?: boolean }): Promise<readonly GarbageRow[]>;
}

/** An export that was asked for, as the event chain keeps it. */
export interface ExportNote {
  readonly format: string;
  /** Of the records: `embedkeep.posts/2`, `embedkeep.wacz/3`. */
  readonly schema: string;
  readonly filter: Readonly<Record<string, string>>;
  readonly posts: number;
  readonly captures: number | null;
  /** Handed over; of a download that was broken off perhaps not all of them arrived. */
  readonly bytes: number;
  /** Of all bytes; null where it was broken off. */
  readonly sha256: string | null;
  readonly isComplete: boolean;
}

export interface ReparseOrder {
  readonly host?: string;
  /** RFC 3339: captures fetched at or after. */
  readonly since?: string;
  /** Only captures last read by an older parser than this. */
  readonly parserBelow?: string;
  readonly dryRun?: boolean;
}

export interface ReparseAnswer {
  readonly captureId: string;
  readonly url: string;
  readonly from: string;
  readonly to: string;
  readonly diffs: readonly {
    /** Null where the article itself is meant. */
    readonly post: Pick<PostRow, 'platform' | 'postId' | 'commentId'> | null;
    readonly field: string;
    readonly kind: 'gained' | 'lost' | 'changed';
    readonly before: unknown;
    readonly after: unknown;
  }[];
  /** The bytes could not be read or parsed: the old reading stays. */
  readonly failure: Failure | null;
}

export interface BackupAnswer {
  readonly madeAt: string;
  readonly kind: 'journal' | 'tables';
  readonly chain: { readonly links: number; readonly hash: string };
  readonly files: readonly {
    readonly path: string;
    readonly size: number;
    readonly sha256: string;
  }[];
}

export interface VerifyAnswer {
  /** Nothing is damaged. */
  readonly ok: boolean;
  readonly target: string;
  readonly checked: Readonly<Record<string, number>>;
  /** What holds, a sentence each. */
  readonly holds: readonly string[];
  readonly findings: readonly {
    readonly severity: 'damage' | 'note';
    readonly code: string;
    readonly where: string;
    readonly what: string;
  }[];
  readonly damages: number;
  readonly notes: number;
}

/** What an import brought. */
export interface ImportAnswer {
  readonly format: 'wacz' | 'jsonl';
  /** `whole`: the store of the export again, with its chain. `joined`: its captures beside what was here. */
  readonly kind: 'whole' | 'joined';
  readonly captures: number;
  readonly sightings: number;
  readonly posts: number;
  /** Captures that were here before and stay as they are. */
  readonly known: number;
  /** Sightings without words, because the post was taken down here. */
  readonly withheld: number;
}

/** What a store holds after it was restored or rebuilt. */
export interface Holdings {
  /** Of the event chain. */
  readonly links: number;
  /** By state. */
  readonly runs: Readonly<Record<string, number>>;
  readonly captures: number;
  readonly posts: number;
}

export type RemovalTarget =
  | { readonly captureId: string }
  | { readonly platform: string; readonly postId: string };

export interface RemovalOrder {
  readonly target: RemovalTarget;
  /** Goes into the event chain. */
  readonly reason: string;
  readonly dryRun?: boolean;
}

export interface RemovalAnswer {
  /** All whose bytes went: one body may be that of several. */
  readonly captures: readonly string[];
  readonly sightings: number;
  readonly isDryRun: boolean;
}

export interface HoldTarget {
  readonly kind: 'article' | 'capture' | 'post' | 'tag';
  /** Article or capture id, `platform/id` of a post, a tag. */
  readonly target: string;
}

export interface HoldRow extends HoldTarget {
  readonly reason: string;
  readonly heldAt: string;
  /** Null while it stands. */
  readonly releasedAt: string | null;
}

export interface RetentionOrder {
  /** As the setting RETENTION. */
  readonly rules?: string;
  readonly dryRun?: boolean;
}

export interface RetentionAnswer {
  readonly captureId: string;
  readonly articleId: string;
  readonly url: string;
  readonly fetchedAt: string;
  readonly rule: string;
  readonly outcome: 'expired' | 'would expire' | 'held';
  /** Why it is held. */
  readonly holds: readonly HoldTarget[];
}

export interface GarbageRow {
  readonly location: string;
  readonly offset: number;
  readonly length: number;
  readonly url: string;
  readonly answeredAt: string | null;
  readonly isOldEnough: boolean;
  readonly isErased: boolean;
}
