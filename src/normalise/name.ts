/** A display name as its author wrote it, without what the page put around it. */

const SPACES = /[\s\u0085\u180e\u3000]+/gu;
/** Direction marks, isolates, joiners and byte order marks at the ends; inside a name they are the author's. */
const ENDS =
  /^[\s\u00ad\u061c\u200b-\u200f\u202a-\u202e\u2060\u2066-\u2069\ufeff]+|[\s\u00ad\u061c\u200b\u200c\u200e\u200f\u202a-\u202e\u2060\u2066-\u2069\ufeff]+$/gu;
/** What remains of a name that is only marks is no name. */
const VISIBLE = /[^\p{Z}\p{C}\p{M}]/u;
/** No network allows more than 255; longer is not a name. */
const MAX_LENGTH = 300;

/** Null where nothing visible is left. */
export function cleanName(raw: string | null | undefined): string | null {
  if (raw === null || raw === undefined || raw.length > 4 * MAX_LENGTH) return null;
  const name = raw.replace(SPACES, ' ').replace(ENDS, '');
  return name.length <= MAX_LENGTH && VISIBLE.test(name) ? name : null;
}
