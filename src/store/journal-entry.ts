/**
 * A line of the journal: one committed link of the event chain with what must be known to do it again.
 * `crc32 of the JSON in hex, a space, the JSON`: a torn or flipped line is told from a whole one.
 */
import { crc32 } from 'node:zlib';
import type { CaptureReason, StoredBody } from '../capture.ts';
import type { Extraction } from '../embed.ts';
import type { Failure } from '../errors.ts';
import type { Plan } from '../plan.ts';
import type { ImportedRows } from './import/rows.ts';
import type { CaptureFacts } from './keep-capture.ts';
import type { TakenPost } from './redact.ts';
import type { WebhookSecret } from './webhooks/tables.ts';
import { toJson } from './well-formed.ts';

/** What the first link of the chain follows. */
export const GENESIS = '0'.repeat(64);

export interface RunFacts {
  readonly id: string;
  readonly articleId: string;
  readonly url: string;
  readonly reason: CaptureReason;
  readonly priority: number;
  readonly tags: readonly string[];
  readonly refs: readonly string[];
  /** Absent in journals written before callers were known. */
  readonly caller?: string;
  /** The capture whose kept page it reads. */
  readonly replayOf?: string;
  /** The plan that ordered it, for the time it was due. */
  readonly plan?: { readonly id: string; readonly due: string };
}
export type JoinFacts = Pick<RunFacts, 'id' | 'priority' | 'tags' | 'refs'>;

export type Reading = Pick<Extraction, 'parser' | 'article' | 'embeds' | 'suspected' | 'truncated'>;

interface About {
  readonly articleId: string;
  readonly runId: string;
}
interface End extends About {
  readonly attempts: number;
}

/** Captures whose bytes go with it, because the page shows a post that was taken down before. */
interface Withheld {
  readonly withheld?: readonly string[];
}

/** What was done. Bodies are not here: `stored` says where they lie. */
export type Deed =
  | {
      readonly op: 'runs';
      readonly runs: readonly RunFacts[];
      readonly joins: readonly JoinFacts[];
      readonly plans?: readonly Plan[];
    }
  /** Plans as they are from now on, and the runs that were due. */
  | { readonly op: 'plans'; readonly plans: readonly Plan[]; readonly runs: readonly RunFacts[] }
  | ({
      readonly op: 'finish';
      readonly facts: CaptureFacts;
      readonly stored: StoredBody;
      readonly reading: Reading;
    } & End &
      Withheld)
  | ({
      readonly op: 'fail';
      readonly failure: Failure;
      readonly kept: { readonly facts: CaptureFacts; readonly stored: StoredBody } | null;
    } & End)
  | ({ readonly op: 'reparse'; readonly captureId: string; readonly reading: Reading } & About &
      Withheld)
  /** The page that a failed run had kept, read by a later one. */
  | ({ readonly op: 'read'; readonly captureId: string; readonly reading: Reading } & End &
      Withheld)
  /** A try that failed and is not the last: the attempt is spent. */
  | ({ readonly op: 'try'; readonly failure: Failure; readonly until: string } & End)
  | { readonly op: 'drop'; readonly runIds: readonly string[] }
  | {
      readonly op: 'hold';
      readonly kind: 'article' | 'capture' | 'post' | 'tag';
      readonly target: string;
      readonly reason: string;
    }
  | {
      readonly op: 'release';
      readonly kind: 'article' | 'capture' | 'post' | 'tag';
      readonly target: string;
    }
  | {
      readonly op: 'remove';
      readonly captures: readonly string[];
      readonly post: TakenPost | null;
    }
  /** An endpoint as it is from now on. `after`: it goes on after this event; null: from where it is. */
  | {
      readonly op: 'webhook';
      readonly endpoint: EndpointFacts;
      readonly after: number | null;
    }
  | { readonly op: 'unhook'; readonly id: string }
  /** Every event up to this one is settled for the endpoint: a rebuilt store goes on after it. */
  | { readonly op: 'notified'; readonly id: string; readonly upTo: number }
  /** Captures that a retention rule took, each with the rule. */
  | {
      readonly op: 'expire';
      readonly captures: readonly { readonly id: string; readonly rule: string }[];
    }
  /** What was imported with this link; bodies were put into the archive before. */
  | ({ readonly op: 'import' } & ImportedRows & Withheld)
  /** Events that changed nothing else. */
  | { readonly op: 'note' };

export interface EndpointFacts {
  readonly id: string;
  readonly url: string;
  readonly description: string | null;
  readonly types: readonly string[];
  readonly host: string | null;
  readonly tag: string | null;
  readonly secrets: readonly WebhookSecret[];
  readonly state: 'enabled' | 'disabled';
  readonly disabledReason: string | null;
  readonly createdAt: string;
}

export interface JournalEntry {
  /** Of the link, as in the chain. */
  readonly n: number;
  readonly at: string;
  readonly hash: string;
  readonly bodies: readonly string[];
  readonly deed: Deed;
}

export function encodeEntry(entry: JournalEntry): string {
  const json = toJson(entry);
  return `${sum(json)} ${json}\n`;
}

/** Null where the line is not whole. */
export function decodeEntry(line: string): JournalEntry | null {
  const json = line.slice(SUM_LENGTH + 1);
  if (line[SUM_LENGTH] !== ' ' || line.slice(0, SUM_LENGTH) !== sum(json)) return null;
  return JSON.parse(json) as JournalEntry;
}

const SUM_LENGTH = 8;
const sum = (json: string): string => crc32(json).toString(16).padStart(SUM_LENGTH, '0');
