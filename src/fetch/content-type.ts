/** Is this an HTML page? By the header where it says so, by the first bytes where it says nothing or less than the truth. */
import type { HeaderLines } from '../capture.ts';

export interface ContentType {
  /** `type/subtype` in lower case; null where there is none that can be read. */
  readonly type: string | null;
  readonly charset: string | null;
}

const TYPE = /^\s*([!#$%&'*+.^_`|~0-9a-z-]+\/[!#$%&'*+.^_`|~0-9a-z-]+)\s*(?:;|$)/i;
const CHARSET = /;\s*charset\s*=\s*(?:"([^"]*)"|'([^']*)'|([^\s;"']+))/i;

/** The last Content-Type that can be read wins, as in browsers. */
export function contentTypeOf(headers: HeaderLines): ContentType {
  const values = headers
    .filter(([name]) => name.toLowerCase() === 'content-type')
    .map(([, value]) => value)
    .filter((value) => TYPE.test(value));
  const value = values.at(-1);
  if (value === undefined) return { type: null, charset: null };
  const charset = CHARSET.exec(value)
    ?.slice(1)
    .find((part) => part !== undefined);
  return {
    type: TYPE.exec(value)?.[1]?.toLowerCase() ?? null,
    charset: charset?.trim().toLowerCase() || null,
  };
}

const HTML_TYPES = new Set(['text/html', 'application/xhtml+xml']);
/** Types that servers give to HTML by mistake or by default. */
const DOUBTFUL_TYPES = new Set([
  'text/plain',
  'text/xml',
  'application/xml',
  'application/octet-stream',
  'application/x-httpd-php',
  'unknown/unknown',
  'application/unknown',
]);

/** `sniff`: only the bytes can tell. */
export function judgeType(type: string | null): 'html' | 'sniff' | 'other' {
  if (type === null || DOUBTFUL_TYPES.has(type)) return 'sniff';
  return HTML_TYPES.has(type) ? 'html' : 'other';
}

const SNIFFED_BYTES = 4096;
/** After white space, comments and an XML declaration: a tag that only HTML begins with. */
const HTML_START =
  /^(?:\s|<!--[\s\S]*?(?:-->|$)|<\?xml[^>]*>)*<(?:!doctype\s+html|html|head|body|script|iframe|style|title|meta|link|table|div|section|article|main|header|nav|h[1-6]|p|a|b|br|font|span|form|ul|ol|img|blockquote)[\s/>]/i;
const XML_START = /^\s*<\?xml/i;
const HTML_ROOT = /<html[\s>]/i;
/** How files begin that are sometimes served as HTML, as latin1. */
const BINARY_STARTS = [
  ['%PDF-', '\x89PNG', '\xff\xd8\xff', 'GIF8', 'RIFF', 'PK\x03\x04', '\x1f\x8b'],
  ['OggS', 'ID3', 'wOFF', 'wOF2', '{\\rtf', '\0\0\0'],
].flat();
const isBinary = (text: string): boolean => BINARY_STARTS.some((start) => text.startsWith(start));

/** The beginning of a body without Content-Encoding. */
export function looksLikeHtml(firstBytes: Uint8Array): boolean {
  const text = asText(firstBytes);
  if (isBinary(text)) return false;
  return HTML_START.test(text) || (XML_START.test(text) && HTML_ROOT.test(text));
}

/** A PDF is a PDF, also when it comes as text/html. */
export function looksBinary(firstBytes: Uint8Array): boolean {
  return isBinary(asText(firstBytes));
}

/** Latin1 for looking; UTF-16 with its zero bytes taken out. */
function asText(bytes: Uint8Array): string {
  const start = Buffer.from(bytes.buffer, bytes.byteOffset, Math.min(bytes.length, SNIFFED_BYTES));
  const [a, b, c] = start;
  if ((a === 0xff && b === 0xfe) || (a === 0xfe && b === 0xff)) {
    return start.toString('latin1', 2).replaceAll('\0', '');
  }
  return start.toString('latin1', a === 0xef && b === 0xbb && c === 0xbf ? 3 : 0);
}
