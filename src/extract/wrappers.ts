/**
 * What pages hide markup in, and how each is undone. `evidence.wrappers` names them, outermost first: `undo` applied to the
 * slice of the page gives what was read. A wrapper that changes no byte (noscript, template, comment) is named all the same.
 */

import { isText } from 'domhandler';
import { parseDocument } from 'htmlparser2';

export type Wrapper =
  | 'noscript' /* as is */
  | 'template' /* as is */
  | 'comment' /* as is */
  | 'cdata' /* as is */
  | 'script' /* as is: a script element that holds markup or data */
  | 'attribute' /* character references */
  | 'textarea' /* character references */
  | 'escaped' /* character references: markup written as text, in feeds */
  | 'string' /* a JSON or JavaScript string literal without its quotes */
  | 'percent' /* percent-encoding */
  | 'base64';

const ESCAPE = /\\(?:u\{[0-9a-f]{1,6}\}|u[0-9a-f]{4}|x[0-9a-f]{2}|\r\n|[\s\S])/gi;
const HEX = /(?<=[ux]\{?)[0-9a-f]+/i;
const SIMPLE: Readonly<Record<string, string>> = {
  n: '\n',
  r: '\r',
  t: '\t',
  b: '\b',
  f: '\f',
  v: '\v',
  '0': '\0',
  '\n': '',
};
const REFERENCE = /&(?:#\d{1,8};?|#x[\da-f]{1,6};?|[a-z][a-z\d]{1,31};?)/gi;

const asIs = (text: string): string => text;

export const undo = (text: string, wrapper: Wrapper): string => UNDOING[wrapper](text);

/** `\"`, `\/`, `\u003C`, `\x3c`, `\'` as JSON and JavaScript write them. */
export function unescaped(text: string): string {
  if (!text.includes('\\')) return text;
  const read = text.length > LONG ? asJson(text) : null;
  return (read ?? text.replace(ESCAPE, unescapedOne)).toWellFormed();
}

/** A string this long is worth a try with the engine's own reader, which is many times faster and takes JSON's strings only. */
const LONG = 200;

function asJson(text: string): string | null {
  try {
    return JSON.parse(`"${text}"`) as string;
  } catch {
    return null;
  }
}

function unescapedOne(whole: string): string {
  const digits = 'uUxX'.includes(whole.charAt(1)) ? HEX.exec(whole)?.[0] : undefined;
  if (digits === undefined) return SIMPLE[whole.slice(1)] ?? whole.slice(1);
  const point = Number.parseInt(digits, 16);
  if (point > 0x10_ff_ff) return '\ufffd';
  // A unit of a surrogate pair stays one: its other half follows.
  return point > 0xff_ff ? String.fromCodePoint(point) : String.fromCharCode(point);
}

const known = new Map<string, string>();
const MAX_KNOWN = 5000;

/**
 * What attributes with JSON or markup in them are full of, undone first, each in one go: what they stand for neither
 * begins nor ends another reference, and whole references they are in any context.
 */
const FREQUENT = [
  [/&quot;/g, '"'],
  [/&#34;/g, '"'],
  [/&lt;/g, '<'],
  [/&gt;/g, '>'],
  [/&#39;/g, "'"],
] as const;

/** Character references, each distinct one asked of the HTML parser once. */
export function unreferenced(markup: string): string {
  if (!markup.includes('&')) return markup;
  let text = markup;
  if (text.length > LONG) {
    for (const [reference, character] of FREQUENT) text = text.replace(reference, character);
  }
  if (!text.includes('&')) return text;
  return text.replace(REFERENCE, (reference) => {
    const cached = known.get(reference);
    if (cached !== undefined) return cached;
    const node = parseDocument(reference).children[0];
    const value = node && isText(node) ? node.data : reference;
    if (known.size < MAX_KNOWN) known.set(reference, value);
    return value;
  });
}

function unpercented(text: string): string {
  try {
    return decodeURIComponent(text);
  } catch {
    return text.replace(PERCENT_RUN, (run) =>
      Buffer.from(run.replaceAll('%', ''), 'hex').toString('utf8'),
    );
  }
}
const PERCENT_RUN = /(?:%[\da-f]{2})+/gi;

/** Base64 of UTF-8, or of percent-encoded text as `btoa(encodeURIComponent(…))` leaves it. */
const unbase64 = (text: string): string => Buffer.from(text, 'base64').toString('utf8');

const UNDOING: Readonly<Record<Wrapper, (text: string) => string>> = {
  noscript: asIs,
  template: asIs,
  comment: asIs,
  cdata: asIs,
  script: asIs,
  attribute: unreferenced,
  textarea: unreferenced,
  escaped: unreferenced,
  string: unescaped,
  percent: unpercented,
  base64: unbase64,
};
