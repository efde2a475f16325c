/** Sightings against the digests that the event chain vouches for: none changed, none missing, none forged. */
import type { Embed } from '../embed.ts';
import { sightingDigest } from './keep-sightings.ts';
import { REMOVED_FORM } from './redact.ts';
import { type Inspection, plural } from './verify-report.ts';
import { countOf, each, includes, packed, readingKey, type Vouched, without } from './vouched.ts';

export interface SightingClaim {
  readonly captureId: string;
  readonly parser: string;
  readonly embed: Embed;
}

export interface SightingCheck {
  readonly inspection: Inspection;
  readonly vouched: Vouched;
  /** What was added to the chain since `vouched`: the store may be written to meanwhile. */
  readonly later: () => Promise<Vouched>;
}

export async function verifySightings(
  sightings: AsyncIterable<SightingClaim>,
  { inspection, vouched, later }: SightingCheck,
): Promise<void> {
  const open = new Map(vouched.sightings);
  let removed = 0;
  for await (const { captureId, parser, embed } of sightings) {
    inspection.count('sightings');
    const key = readingKey({ captureId, parser });
    const digest = packed(sightingDigest(embed));
    const knows = (one: Vouched): boolean => includes(one.sightings.get(key) ?? '', digest);
    const left = open.get(key);
    if (left !== undefined) open.set(key, without(left, digest));
    if (embed.form === REMOVED_FORM && takeRemoved(open, { key, removed: vouched.removed })) {
      removed += 1;
    } else if (!knows(vouched) && !knows(await later())) {
      const post = `${embed.platform}/${embed.postId ?? 'without id'}`;
      inspection.damage(
        'SIGHTING_MISMATCH',
        `sighting of ${post} in capture ${captureId}`,
        'is not what the event chain recorded',
      );
    }
  }
  for (const [key, digests] of open) {
    if (digests === '') continue;
    inspection.damage(
      'SIGHTING_MISMATCH',
      `capture ${key.split(' ')[0]}`,
      `lacks ${plural(countOf(digests), 'sighting')} that the event chain recorded`,
    );
  }
  if (removed > 0) {
    inspection.note(
      'REMOVED',
      'the sightings',
      `lack the words of ${removed} that were taken down or have expired`,
    );
  }
}

/** One that the chain recorded and whose removal it recorded too, for each tombstone. */
function takeRemoved(
  open: Map<string, string>,
  { key, removed }: { key: string; removed: ReadonlySet<string> },
): boolean {
  const digests = open.get(key) ?? '';
  for (const digest of each(digests)) {
    if (!removed.has(digest)) continue;
    open.set(key, without(digests, digest));
    return true;
  }
  return false;
}
