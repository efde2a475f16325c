/** Where articles show one post differently: an edited post, a changed name, a quotation that is not one. PURE. */
import type { Embed } from '../../embed.ts';
import type { SightingRow } from '../../reader.ts';

export interface Difference {
  /** The later of the two sightings. */
  readonly seen: SightingRow;
  readonly field: string;
  readonly before: string;
  readonly after: string;
}

const FIELDS: readonly (readonly [name: string, read: (embed: Embed) => string | null])[] = [
  ['text', (embed) => embed.text],
  ['author', ({ author }) => author.name],
  ['handle', ({ author }) => author.handle],
  ['media', ({ media }) => media.map(({ display }) => display).join(' ') || null],
];

/**
 * Newest first, as the sightings are given. A field that one article lacks is no difference: it was not
 * said to be otherwise there.
 */
export function differences(sightings: readonly SightingRow[]): Difference[] {
  const found: Difference[] = [];
  const last = new Map<string, string>();
  for (const seen of sightings.toReversed()) {
    for (const [field, read] of FIELDS) {
      const after = read(seen.embed);
      if (after === null) continue;
      const before = last.get(field);
      if (before !== undefined && before !== after) found.push({ seen, field, before, after });
      last.set(field, after);
    }
  }
  return found.toReversed();
}
