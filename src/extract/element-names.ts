/** Names of elements as numbers, so that a scan compares no strings, and what HTML says of some of them. */

/** The same for either case; different names have the same number too seldom to matter. */
export function code(name: string): number {
  let hash = 7;
  for (let i = 0; i < name.length; i++)
    hash = (Math.imul(hash, 31) + (name.charCodeAt(i) | 32)) | 0;
  return hash;
}

export const IS_VOID = 1;
export const IS_RAW = 2;
/** An open tag of these ends an open one of the same name: their end tags are often left out. */
export const IS_SELF_CLOSING = 4;
/** What there is to know of a name, looked up once for each tag. */
export const TRAITS = new Map<number, number>([
  ...traits('area base br col embed hr img input link meta param source track wbr', IS_VOID),
  ...traits('script style textarea title xmp iframe noembed noframes', IS_RAW),
  ...traits('p li dt dd option tr td th', IS_SELF_CLOSING),
]);

function traits(names: string, trait: number): [number, number][] {
  return names.split(' ').map((name) => [code(name), trait]);
}

const GT = 62;
const SLASH = 47;

/** Whether the name, in any case, stands at the offset and ends there. */
export function isEndTag(text: string, at: number, name: string): boolean {
  for (let i = 0; i < name.length; i++) {
    if ((text.charCodeAt(at + i) | 32) !== (name.charCodeAt(i) | 32)) return false;
  }
  const after = text.charCodeAt(at + name.length);
  return !(after > 32) || after === GT || after === SLASH;
}
