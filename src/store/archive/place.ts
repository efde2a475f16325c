/** Where the members of captures are put and found again. */
import type { ByteSource } from '../verify-source.ts';

export interface Place {
  /** File or object. */
  readonly location: string;
  readonly offset: number;
  readonly length: number;
}

/** Calls with the bytes at this place as a source whose first byte is the member's. */
export type WithBytes = <T>(place: Place, use: (source: ByteSource) => Promise<T>) => Promise<T>;

export interface Repository {
  /** Durable when it resolves. The members belong together and lie in one file, in order. */
  append(members: readonly Uint8Array[]): Promise<Appended>;
  readonly withBytes: WithBytes;
  /** Where the last write failed: tries whether it would succeed now. @throws EmbedkeepError while it would not */
  check?(): Promise<void>;
  close(): Promise<void>;
}

export interface Appended {
  readonly location: string;
  /** Of each member. */
  readonly offsets: readonly number[];
}
