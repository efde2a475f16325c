/**
 * What kind of page this is, in a word: pages out of one template share their shape, whatever they say. For grouping failures.
 * The shape is the first 12 hex digits of SHA-256 over the sorted set of tag paths of at most six steps (`html>body>div>main`)
 * that occur in the first 256 KiB, led by the first word of `<meta name="generator">` where the page states one. Attributes,
 * text, scripts and the number of repetitions do not count. One pass over the bytes, without a tree: what killed the parser
 * must not kill this. Pure.
 */
import { createHash } from 'node:crypto';

const LOOKED_AT = 256 * 1024;
const DEEPEST = 6;
/** More different paths than this say no more of a page. */
const MOST_PATHS = 2000;
const DIGITS = 12;

/** `</`, or `<` and a name; what is in comments, scripts and styles is skipped below. */
const TAG = /<!--[\s\S]*?(?:-->|$)|<(\/?)([a-z][a-z0-9-]{0,40})/gi;
const RAW: Readonly<Record<string, RegExp>> = {
  script: /<\/script/gi,
  style: /<\/style/gi,
  noscript: /<\/noscript/gi,
  template: /<\/template/gi,
  textarea: /<\/textarea/gi,
  svg: /<\/svg/gi,
};
const VOID = new Set(
  'area base br col embed hr img input link meta param source track wbr'.split(' '),
);
/** Most pages leave out their end. */
const UNCLOSED = new Set(['p', 'li', 'dt', 'dd', 'option', 'tr', 'td', 'th']);
const GENERATOR =
  /<meta\b(?=[^>]{0,300}\bname\s*=\s*["']?generator\b)[^>]{0,300}?\bcontent\s*=\s*["']?\s*([a-z]{2,20})/i;

/** `wordpress-3fa9c2d1e0b4`, `page-…`, `text` where there is no markup, `empty`. */
export function pageShape(body: Uint8Array): string {
  const bytes = Buffer.from(body.buffer, body.byteOffset, Math.min(body.length, LOOKED_AT));
  const markup = bytes.toString('latin1');
  if (markup.trim() === '') return 'empty';
  const paths = pathsOf(markup);
  if (paths.size === 0) return 'text';
  const generator = GENERATOR.exec(markup)?.[1]?.toLowerCase() ?? 'page';
  const outline = [...paths].sort().join('\n');
  const digest = createHash('sha256').update(outline).digest('hex').slice(0, DIGITS);
  return `${generator}-${digest}`;
}

function pathsOf(markup: string): Set<string> {
  const paths = new Set<string>();
  const open: string[] = [];
  TAG.lastIndex = 0;
  for (let tag = TAG.exec(markup); tag && paths.size < MOST_PATHS; tag = TAG.exec(markup)) {
    const [, slash, name] = tag;
    if (name === undefined) continue;
    const word = name.toLowerCase();
    if (slash) close(open, word);
    else if (!enter({ open, paths }, word)) TAG.lastIndex = afterRaw(markup, word, TAG.lastIndex);
  }
  return paths;
}

/** False where what follows is no markup, up to its end. */
function enter({ open, paths }: { open: string[]; paths: Set<string> }, word: string): boolean {
  if (open.length < DEEPEST) paths.add([...open, word].join('>'));
  if (Object.hasOwn(RAW, word)) return false;
  if (!(VOID.has(word) || UNCLOSED.has(word))) open.push(word);
  return true;
}

/** A close tag without its open one closes nothing. */
function close(open: string[], word: string): void {
  const at = open.lastIndexOf(word);
  if (at !== -1) open.length = at;
}

function afterRaw(markup: string, word: string, from: number): number {
  const end = RAW[word];
  if (!end) return from;
  end.lastIndex = from;
  return end.exec(markup) ? end.lastIndex : markup.length;
}
