/** The digest of a capture's gzip members as they lie in the file, from its first request to its last record. */
import { createHash } from 'node:crypto';
import { fieldOf, type RecordFacts } from './verify-record.ts';
import { type ByteSource, slice, windows } from './verify-source.ts';

export interface Group {
  /** Where its first record begins. */
  readonly start: number | null;
  readonly membersSha256: string | null;
}
const NOTHING: Group = { start: null, membersSha256: null };

export class Members {
  readonly #source: ByteSource;
  #sum = createHash('sha256');
  #start: number | null = null;
  /** After damage the rest of the capture proves nothing. */
  #isLost = false;

  constructor(source: ByteSource) {
    this.#source = source;
  }

  /** Nulls but at the end of a capture. */
  async take({ type, offset, length, fields }: RecordFacts): Promise<Group> {
    this.#start ??= offset;
    const member = slice(this.#source, { name: this.#source.name, offset, size: length });
    for await (const bytes of windows(member)) this.#sum.update(bytes);
    const isEnd = fieldOf(fields, 'Embedkeep-Capture-URI') !== null;
    if (!isEnd && type !== 'warcinfo') return NOTHING;
    const isWhole = isEnd && !this.#isLost;
    const group = isWhole
      ? { start: this.#start, membersSha256: this.#sum.digest('hex') }
      : NOTHING;
    this.#sum = createHash('sha256');
    this.#start = null;
    this.#isLost = false;
    return group;
  }

  lose(): void {
    this.#isLost = true;
  }
}
