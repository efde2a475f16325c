/** Sightings against the digests that the event chain vouches for: none changed, none missing, none forged. */
import type { Embed } from '../embed.ts';
import { sightingDigest } from './keep-sightings.ts';
import { REMOVED_FORM } from './redact.ts';
import { DiskShelf } from './shelf.ts';
import { type Inspection, plural } from './verify-report.ts';
import { countOf, each, includes, packed, readingKey, type Vouched, without } from './vouched.ts';

export interface SightingClaim {
  readonly captureId: string;
  readonly parser: string;
  readonly embed: Embed;
  /** The post that it is filed under, where the view has posts. */
  readonly post?: string;
}

export interface SightingCheck {
  readonly inspection: Inspection;
  readonly vouched: Vouched;
  /** What was added to the chain since `vouched`: the store may be written to meanwhile. */
  readonly later: () => Promise<Vouched>;
  /** Is handed each. */
  readonly each?: (sighting: SightingClaim) => void;
}

export async function verifySightings(
  sightings: AsyncIterable<SightingClaim>,
  check: SightingCheck,
): Promise<void> {
  const { inspection, vouched } = check;
  const readings = new Readings(vouched.sightings);
  try {
    await checkSightings(sightings, { ...check, readings });
    for (const { captureId, count } of readings.lacking()) {
      const what = `lacks ${plural(count, 'sighting')} that the event chain recorded`;
      inspection.damage('SIGHTING_MISMATCH', `capture ${captureId}`, what);
    }
  } finally {
    readings.close();
  }
}

async function checkSightings(
  sightings: AsyncIterable<SightingClaim>,
  { inspection, vouched, later, each: take, readings }: SightingCheck & { readings: Readings },
): Promise<void> {
  let removed = 0;
  for await (const sighting of sightings) {
    const { captureId, parser, embed } = sighting;
    inspection.count('sightings');
    take?.(sighting);
    const key = readingKey({ captureId, parser });
    const digest = packed(sightingDigest(embed));
    const reading = readings.at(key);
    reading.left = without(reading.left, digest);
    const gone = embed.form === REMOVED_FORM ? removedIn(reading.left, vouched.removed) : null;
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
    }
  }
  if (removed > 0) {
    inspection.note(
      'REMOVED',
      'the sightings',
      `lack the words of ${removed} that were taken down or have expired`,
    );
  }
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
