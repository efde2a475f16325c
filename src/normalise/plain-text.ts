/** Text out of JSON-LD and meta values, which content systems fill with markup and entities. */

const TAG = /<\/?[a-z][^<>]{0,500}>/gi;
const ENTITY =
  /&(?:#\d{1,7}|#x[\da-f]{1,6}|(?:amp|lt|gt|quot|apos|nbsp|rsquo|lsquo|rdquo|ldquo|ndash|mdash|hellip));/gi;
const NAMED: ReadonlyMap<string, string> = new Map([
  ['amp', '&'],
  ['lt', '<'],
  ['gt', '>'],
  ['quot', '"'],
  ['apos', "'"],
  ['nbsp', ' '],
  ['rsquo', '’'],
  ['lsquo', '‘'],
  ['rdquo', '”'],
  ['ldquo', '“'],
  ['ndash', '–'],
  ['mdash', '—'],
  ['hellip', '…'],
]);
const SPACES = /\s+/gu;
const MAX_LENGTH = 5000;

function character(code: number, as: string): string {
  const valid = code > 0 && code <= 0x10_ff_ff && !(code >= 0xd8_00 && code <= 0xdf_ff);
  return valid ? String.fromCodePoint(code) : as;
}

function decode(entity: string): string {
  const name = entity.slice(1, -1).toLowerCase();
  const hex = name.startsWith('#x');
  if (!name.startsWith('#')) return NAMED.get(name) ?? entity;
  return character(Number.parseInt(name.slice(hex ? 2 : 1), hex ? 16 : 10), entity);
}

/** Entities decoded once, tags dropped, white space folded; null where nothing is left. */
export function plainText(raw: string): string | null {
  const text = raw.slice(0, MAX_LENGTH).replace(TAG, '').replace(ENTITY, decode);
  return text.replace(SPACES, ' ').trim() || null;
}
