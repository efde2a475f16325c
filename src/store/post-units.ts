/**
 * What a post shows, field by field, as something that can be compared: each field of a post in the store is the word of one of
 * its sightings, never a mixture within a field. Pure.
 */
import type { Embed } from '../embed.ts';
import { inPresentShape, postKey } from '../post-key.ts';
import { isFingerprintId } from './post-identity.ts';

/** A post and a sighting show the same fields. */
export type Shown = Pick<
  Embed,
  'url' | 'author' | 'postedAt' | 'lang' | 'text' | 'media' | 'form' | 'confidence'
>;

export const FIELDS = [
  'url',
  'author.name',
  'author.handle',
  'postedAt',
  'lang',
  'text',
  'media',
] as const;

/** In the order of FIELDS; null where nothing is known. Form and confidence are those of the sighting that has the text. */
export function unitsOf({ url, author, postedAt, lang, ...shown }: Shown): (string | null)[] {
  const { text, media, form, confidence } = shown;
  return [
    url,
    author.name,
    author.handle,
    postedAt.date === null ? null : JSON.stringify(postedAt),
    lang,
    text === null ? null : JSON.stringify([text, form, confidence]),
    media.length === 0 ? null : JSON.stringify(media.map((one) => [one.display, one.url])),
  ];
}

/** Whether a sighting says of itself that it is of another post than the one named `platform/post`. */
export function isOfAnother(embed: Embed, name: string): boolean {
  const own = postKey(inPresentShape(embed));
  if (!name.startsWith(`${embed.platform}/`)) return true;
  // One without an id of its own may have been joined to any; an id that is too long is known by a fingerprint.
  const known = name.slice(embed.platform.length + 1);
  if (own === null || isFingerprintId(own) || isFingerprintId(known)) return false;
  return own !== known;
}

/** Whether all that the post shows is said by these sightings. */
export function isShownBy(post: Shown, embeds: readonly Embed[]): boolean {
  const said = embeds.map(unitsOf);
  return unitsOf(post).every(
    (unit, at) => unit === null || said.some((units) => units[at] === unit),
  );
}
