/**
 * What versions of posts say against the `changed` events: which post, which fields, before and after. Where words were taken down
 * or have expired, values are empty that once were told; the fields stay.
 */
import { changesDigest } from './keep-sightings.ts';
import { isFingerprintId } from './post-identity.ts';
import { REMOVED_FORM } from './redact-embed.ts';
import { DiskShelf } from './shelf.ts';
import type { Change } from './tables.ts';
import type { SightingCheck, SightingClaim } from './verify-sightings.ts';
import { readingKey, type ToldChange } from './vouched.ts';

/** A version that its events' digests do not confirm: only as a redaction may it stay. */
interface Doubtful {
  readonly key: string;
  readonly name: string;
  readonly where: string;
  readonly isRedacted: boolean;
}

export class ChangesLedger {
  readonly #check: Pick<SightingCheck, 'vouched' | 'inspection' | 'later'>;
  /** `capture parser` to what no version was met for yet. */
  readonly #left = new DiskShelf<readonly ToldChange[]>();
  readonly #met = new DiskShelf<true>();
  readonly #doubtful = new DiskShelf<Doubtful>();
  /** Posts of which words are gone. */
  readonly #redacted = new DiskShelf<true>();
  #hasChanges = false;

  constructor(check: Pick<SightingCheck, 'vouched' | 'inspection' | 'later'>) {
    this.#check = check;
  }

  async meet(sighting: SightingClaim): Promise<void> {
    const { captureId, parser, name, changes, embed } = sighting;
    if (changes !== undefined) this.#hasChanges = true;
    if (name === undefined) return;
    if (embed.form === REMOVED_FORM) this.#redacted.add(name, true);
    if (!changes || changes.length === 0) return;
    const key = readingKey({ captureId, parser });
    if (!this.#met.add(`${key} ${name}`, true)) return;
    const told = this.#left.get(key) ?? this.#check.vouched.changes.get(key) ?? [];
    const mine = toldOf({ name, changes }, told);
    this.#left.set(
      key,
      told.filter((one) => !mine.includes(one)),
    );
    if (isTold(changes, mine)) return;
    const later = (await this.#check.later()).changes.get(key) ?? [];
    if (isTold(changes, toldOf({ name, changes }, later))) return;
    const where = `change of post ${name} in capture ${captureId}`;
    const isRedacted = changes.some(isEmptied);
    this.#doubtful.set(`${key} ${name}`, { key, name, where, isRedacted });
  }

  /** Call it when all sightings were met. */
  report(): void {
    const { inspection, vouched } = this.#check;
    const redacted = new Set<string>();
    for (const [, { key, name, where, isRedacted }] of this.#doubtful.entries()) {
      if (isRedacted && this.#redacted.has(name)) redacted.add(key);
      else inspection.damage('POST_MISMATCH', where, 'is not what the event chain recorded');
    }
    // A view that knows no versions can lack none.
    if (!this.#hasChanges) return;
    for (const [key, told] of vouched.changes.entries()) {
      for (const { platform, postId } of this.#left.get(key) ?? told) {
        if (isFingerprintId(postId) && redacted.has(key)) continue;
        const where = `change of post ${platform}/${postId} in capture ${key.split(' ')[0]}`;
        inspection.damage('POST_MISMATCH', where, 'was recorded by the event chain and is missing');
      }
    }
  }

  close(): void {
    for (const shelf of [this.#left, this.#met, this.#doubtful, this.#redacted]) shelf.close();
  }
}

/** Of the post itself, and where they tell the rest, of what was known by its words until it got its id. */
function toldOf(
  { name, changes }: { name: string; changes: readonly Change[] },
  told: readonly ToldChange[],
): readonly ToldChange[] {
  const own = told.filter(({ platform, postId }) => name === `${platform}/${postId}`);
  if (isTold(changes, own)) return own;
  const joined = told.filter(
    (one) =>
      isFingerprintId(one.postId) && name.startsWith(`${one.platform}/`) && isSaid(one, changes),
  );
  return [...new Set([...own, ...joined])];
}

/** Two posts that turned out to be one have the changes of both, one behind the other. */
const isTold = (changes: readonly Change[], told: readonly ToldChange[]): boolean =>
  hasFields(changes, told) && told.every((one) => isSaid(one, changes));

const isSaid = ({ fields, digest }: ToldChange, changes: readonly Change[]): boolean =>
  digest === undefined ||
  changes.some((_, at) => changesDigest(changes.slice(at, at + fields.length)) === digest);

const hasFields = (changes: readonly Change[], told: readonly ToldChange[]): boolean =>
  namesOf(changes.map(({ field }) => field)) === namesOf(told.flatMap(({ fields }) => fields));
const namesOf = (fields: readonly string[]): string => fields.toSorted().join();

const isEmptied = ({ before, after }: Change): boolean => before === null || after === null;
