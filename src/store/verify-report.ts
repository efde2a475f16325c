/** What a check found, in plain words for people and with codes for machines. */

/** Codes are forever, like those of errors.ts. */
export type FindingCode =
  | 'FILE_DAMAGED'
  | 'FILE_MISSING'
  | 'FILE_UNEXPECTED'
  | 'RECORD_DAMAGED'
  | 'RECORD_DUPLICATE'
  | 'RECORD_MISSING'
  | 'CAPTURE_MISMATCH'
  | 'CAPTURE_MISSING'
  | 'CHAIN_BROKEN'
  | 'EVENT_MISMATCH'
  | 'SIGHTING_MISMATCH'
  | 'POST_MISMATCH'
  | 'RUN_MISMATCH'
  | 'ARTICLE_MISMATCH'
  | 'HOLD_MISMATCH'
  | 'MANIFEST_MISMATCH'
  | 'INDEX_MISMATCH'
  | 'ORPHAN_RECORDS'
  | 'REMOVED'
  | 'UNCHECKED';

export interface Finding {
  /** Damage makes the check fail; a note is worth knowing and harmless. */
  readonly severity: 'damage' | 'note';
  readonly code: FindingCode;
  /** File and offset, capture, link: where to look. */
  readonly where: string;
  /** A predicate: `does not match its digest`. */
  readonly what: string;
}

export type Counted =
  | 'files'
  | 'records'
  | 'bytes'
  | 'captures'
  | 'sightings'
  | 'posts'
  | 'runs'
  | 'articles'
  | 'links'
  | 'events'
  | 'entries';

export interface Report {
  /** Nothing is damaged. */
  readonly ok: boolean;
  readonly target: string;
  readonly checked: Readonly<Record<Counted, number>>;
  /** What holds, a sentence each. */
  readonly holds: readonly string[];
  /** The first thousand. */
  readonly findings: readonly Finding[];
  readonly damages: number;
  readonly notes: number;
}

/** Enough to act on; a smashed archive of millions must not fill the memory with complaints. */
const MOST_FINDINGS = 1000;

/** Collects while a check runs. */
export class Inspection {
  readonly #findings: Finding[] = [];
  readonly #holds: string[] = [];
  readonly #checked: Record<Counted, number> = {
    files: 0,
    records: 0,
    bytes: 0,
    captures: 0,
    sightings: 0,
    posts: 0,
    runs: 0,
    articles: 0,
    links: 0,
    events: 0,
    entries: 0,
  };
  #damages = 0;
  #notes = 0;

  get damages(): number {
    return this.#damages;
  }

  count(what: Counted, by = 1): void {
    this.#checked[what] += by;
  }

  counted(what: Counted): number {
    return this.#checked[what];
  }

  damage(code: FindingCode, where: string, what: string): void {
    this.#damages += 1;
    this.#keep({ severity: 'damage', code, where, what });
  }

  note(code: FindingCode, where: string, what: string): void {
    this.#notes += 1;
    this.#keep({ severity: 'note', code, where, what });
  }

  /** A sentence about what was checked, said only if the check added no damage. */
  async holdsUnlessDamaged(sentence: () => string, check: () => Promise<void>): Promise<void> {
    const before = this.#damages;
    await check();
    if (this.#damages === before) this.#holds.push(sentence());
  }

  report(target: string): Report {
    return {
      ok: this.#damages === 0,
      target,
      checked: { ...this.#checked },
      holds: [...this.#holds],
      findings: [...this.#findings],
      damages: this.#damages,
      notes: this.#notes,
    };
  }

  #keep(finding: Finding): void {
    if (this.#findings.length < MOST_FINDINGS) this.#findings.push(finding);
  }
}

export const plural = (count: number, one: string, many = `${one}s`): string =>
  `${count.toLocaleString('en-US')} ${count === 1 ? one : many}`;
