/** Sightings against the digests that the event chain vouches for: none changed, none missing, none forged. */
import type { Embed } from '../embed.ts';
import { sightingDigest } from './keep-sightings.ts';
import { isTombstone } from './redact-embed.ts';
import { DiskShelf, type Shelf } from './shelf.ts';
import type { Change } from './tables.ts';
import type { MetCapture } from './verify-captures.ts';
import { ChangesLedger } from './verify-changes.ts';
import { type Inspection, plural } from './verify-report.ts';
import {
  countOf,
  each,
  includes,
  indexIn,
  packed,
  readingKey,
  type Vouched,
  without,
} from './vouched.ts';
import { saysChanges, saysPost } from './wacz-schema.ts';

export interface SightingClaim {
  readonly captureId: string;
  readonly parser: string;
  readonly embed: Embed;
  /** The post that it is filed under, where the view has posts. */
  readonly post?: string;
  /** `platform/post`, as that post is called today. */
  readonly name?: string;
  /** Its place among the posts of its page. */
  readonly ordinal?: number;
  /** What it showed of the post otherwise than before. */
  readonly changes?: readonly Change[] | null;
  /** What the database says of it a second time. */
  readonly columns?: {
    readonly role: string;
    readonly articleId: string;
    readonly articleHost: string;
    readonly capturedAt: string;
    /** Of its version of the post; null where it changed nothing. */
    readonly changedAt: string | null;
  };
}

export interface SightingCheck {
  readonly inspection: Inspection;
  readonly vouched: Vouched;
  /** What was added to the chain since `vouched`: the store may be written to meanwhile. */
  readonly later: () => Promise<Vouched>;
  readonly met: Pick<Shelf<MetCapture>, 'get'>;
  /** Is handed each. */
  readonly each?: (sighting: SightingClaim) => void;
}

export async function verifySightings(
  sightings: AsyncIterable<SightingClaim>,
  check: SightingCheck,
): Promise<void> {
  const { inspection, vouched } = check;
  const readings = new Readings(vouched.sightings);
  const changes = new ChangesLedger(check);
  try {
    await checkSightings(sightings, { ...check, readings, changes });
    changes.report();
    for (const { captureId, count } of readings.lacking()) {
      const what = `lacks ${plural(count, 'sighting')} that the event chain recorded`;
      inspection.damage('SIGHTING_MISMATCH', `capture ${captureId}`, what);
    }
  } finally {
    readings.close();
    changes.close();
  }
}

async function checkSightings(
  sightings: AsyncIterable<SightingClaim>,
  check: SightingCheck & { readings: Readings; changes: ChangesLedger },
): Promise<void> {
  const { inspection, vouched, later, each: take, readings, changes } = check;
  let removed = 0;
  for await (const sighting of sightings) {
    const { captureId, parser, embed } = sighting;
    inspection.count('sightings');
    if (!saysPost(embed) || !saysChanges(sighting.changes ?? [])) {
      const where = `sighting in capture ${captureId}`;
      inspection.damage('SIGHTING_MISMATCH', where, 'does not have the fields of one');
      continue;
    }
    take?.(sighting);
    await changes.meet(sighting);
    const key = readingKey({ captureId, parser });
    const digest = packed(sightingDigest(embed));
    const reading = readings.at(key);
    reading.left = without(reading.left, digest);
    const gone = isTombstone(embed) ? removedIn(reading.left, vouched.removed) : null;
    if (gone !== null) {
      reading.left = without(reading.left, gone);
      removed += 1;
    } else if (!includes(reading.told, digest) && !includes(await toldLater(key, later), digest)) {
      const post = `${embed.platform}/${embed.postId ?? 'without id'}`;
      inspection.damage(
        'SIGHTING_MISMATCH',
        `sighting of ${post} in capture ${captureId}`,
        'is not what the event chain recorded',
      );
    } else checkPlace(sighting, { ...check, told: reading.told });
  }
  if (removed > 0) {
    inspection.note(
      'REMOVED',
      'the sightings',
      `lack the words of ${removed} that were taken down or have expired`,
    );
  }
}

/** One that was told after the check began has no digest here, and is not looked at. */
function checkPlace(
  { captureId, parser, embed, ordinal, columns }: SightingClaim,
  { inspection, vouched, met, told }: SightingCheck & { told: string },
): void {
  const where = `sighting of ${embed.platform}/${embed.postId ?? 'without id'} in capture ${captureId}`;
  const at = indexIn(told, packed(sightingDigest(embed)));
  const place = vouched.ordinals.get(readingKey({ captureId, parser }))?.[at];
  if (place !== undefined && ordinal !== undefined && ordinal !== place) {
    const what = `is said to be number ${ordinal} of its page; its event says ${place}`;
    inspection.damage('SIGHTING_MISMATCH', where, what);
  }
  const capture = met.get(captureId);
  if (!columns || !capture) return;
  const { changedAt, capturedAt } = columns;
  const isFiled =
    columns.role === embed.role &&
    columns.articleId === capture.articleId &&
    columns.articleHost === capture.host;
  const isThen = [capturedAt, changedAt ?? capturedAt].every(
    (at) => Date.parse(at) === Date.parse(capture.at),
  );
  if (isFiled && isThen) return;
  const what = 'is filed under another role, article or time than it has';
  inspection.damage('SIGHTING_MISMATCH', where, what);
}

const toldLater = async (key: string, later: SightingCheck['later']): Promise<string> =>
  (await later()).sightings.get(key) ?? '';

/** One that the chain recorded and whose removal it recorded too: each tombstone stands for one. */
function removedIn(digests: string, removed: Vouched['removed']): string | null {
  for (const digest of each(digests)) if (removed.has(digest)) return digest;
  return null;
}

interface Reading {
  readonly key: string;
  /** What the chain recorded, and what of that no sighting was met for yet. */
  readonly told: string;
  left: string;
}

/** Sightings of one reading mostly stand together: only when another one comes is the last put away. */
class Readings {
  readonly #told: Vouched['sightings'];
  readonly #left = new DiskShelf<string>();
  #open: Reading = { key: '', told: '', left: '' };

  constructor(told: Vouched['sightings']) {
    this.#told = told;
  }

  at(key: string): Reading {
    if (key === this.#open.key) return this.#open;
    this.#putAway();
    const told = this.#told.get(key) ?? '';
    this.#open = { key, told, left: this.#left.get(key) ?? told };
    return this.#open;
  }

  *lacking(): Generator<{ captureId: string; count: number }> {
    this.#putAway();
    for (const [key, told] of this.#told.entries()) {
      const left = this.#left.get(key) ?? told;
      const [captureId = ''] = key.split(' ');
      if (left !== '') yield { captureId, count: countOf(left) };
    }
  }

  close(): void {
    this.#left.close();
  }

  #putAway(): void {
    if (this.#open.told !== '') this.#left.set(this.#open.key, this.#open.left);
  }
}
