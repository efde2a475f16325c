/** The line under an embedded post, `— NAME (@handle) DATE`, in all the ways in which editors and tools mangle it. */
import { readDate } from './date.ts';
import { datePrefix } from './date-prefix.ts';
import { readHandle } from './handle.ts';
import { cleanName } from './name.ts';

/** Start and end in the line as given. */
export type Range = readonly [start: number, end: number];

export interface Attribution {
  readonly name: string | null;
  /** Without `@`; any network's: `user`, `user.bsky.social`, `user@host`. */
  readonly handle: string | null;
  readonly dateText: string | null;
  readonly spans: {
    readonly name: Range | null;
    readonly handle: Range | null;
    readonly date: Range | null;
  };
}

/** An attribution inside running text. */
export interface FoundAttribution extends Attribution {
  /** From the dash to the end of the date. */
  readonly start: number;
  readonly end: number;
}

/** A display name has at most 50 characters on X, 64 on Bluesky and Instagram, and marks come on top. */
const MAX_NAME = 140;
const MAX_DATE = 60;
const MAX_LINE = 4000;

const INVISIBLE = '\\u00ad\\u061c\\u200b-\\u200f\\u202a-\\u202e\\u2060\\u2066-\\u2069\\ufeff';
/** `(@handle)` with full-width forms, stray spaces and marks; of bounded length, so that scanning stays linear. */
const HANDLE = new RegExp(
  `[(（][\\s${INVISIBLE}]{0,5}[@＠][\\s${INVISIBLE}]{0,5}([\\w.:-]{1,100}(?:@[\\w.:-]{1,100})?|[\\uff10-\\uff5a]{1,30})[\\s${INVISIBLE}]{0,5}[)）]`,
  'gu',
);
const DASHES = '—–―‒‐‑−﹘－-';
const LEADING = new RegExp(`^[\\s${INVISIBLE}>]*(?:[${DASHES}]+|&mdash;)?[\\s${INVISIBLE}]*`, 'u');
const SPACE_OR_MARK = new RegExp(`[\\s${INVISIBLE}]`, 'u');
/** Between the handle and the date. */
const BEFORE_DATE = new RegExp(`^[\\s${INVISIBLE}\\[,:·•|∙${DASHES}]*`, 'u');
const AFTER_DATE = new RegExp(`[\\s${INVISIBLE}\\],.·•|∙]+$`, 'u');

interface HandleHit {
  readonly handle: string;
  readonly range: Range;
  /** Of the brackets. */
  readonly outer: Range;
}

function handlesIn(text: string): HandleHit[] {
  const hits: HandleHit[] = [];
  for (const match of text.matchAll(HANDLE)) {
    const raw = match[1] ?? '';
    const start = match.index + match[0].indexOf(raw, match[0].search(AT));
    const handle = handleOf(raw);
    if (handle === null) continue;
    hits.push({
      handle,
      range: [start, start + raw.length],
      outer: [match.index, match.index + match[0].length],
    });
  }
  return hits;
}

const AT = /[@＠]/u;

/** The networks whose handles stand in attribution lines, narrowest first. */
const handleOf = (raw: string) =>
  readHandle('x', raw) ??
  readHandle('instagram', raw) ??
  readHandle('bluesky', raw) ??
  readHandle('mastodon', raw);

/** The range without white space and invisible marks at its ends; null where nothing is left. */
function trimmed(text: string, [start, end]: Range): Range | null {
  let [from, to] = [start, end];
  while (from < to && SPACE_OR_MARK.test(text.charAt(from))) from += 1;
  while (to > from && SPACE_OR_MARK.test(text.charAt(to - 1))) to -= 1;
  return from < to ? [from, to] : null;
}

/**
 * Reads one line that is known to be an attribution: the last `(@…)` is the handle, what stands between the
 * first dash and it is the name, the rest is the date as shown, readable or not. Null where there is neither.
 */
export function readAttribution(line: string): Attribution | null {
  if (line.length > MAX_LINE) return null;
  const last = handlesIn(line).at(-1);
  const begin = LEADING.exec(line)?.[0].length ?? 0;
  if (last === undefined || last.outer[0] < begin) return withoutHandle(line, begin);
  const nameRange = trimmed(line, [begin, last.outer[0]]);
  const dateRange = trimmed(line, trimDate(line, last.outer[1]));
  return attribution(line, { nameRange, handle: last, dateRange });
}

function trimDate(line: string, from: number): Range {
  const start = from + (BEFORE_DATE.exec(line.slice(from))?.[0].length ?? 0);
  const tail = AFTER_DATE.exec(line)?.[0] ?? '';
  const end = line.length - tail.length;
  // `28 августа 2021 г.`, `2021. augusztus 28.`: the full stop belongs to the date
  const dot = tail.startsWith('.') ? end + 1 : end;
  return [start, Math.max(start, dot)];
}

interface Parts {
  readonly nameRange: Range | null;
  readonly handle: HandleHit | null;
  readonly dateRange: Range | null;
}

function attribution(line: string, { nameRange, handle, dateRange }: Parts): Attribution {
  const name = nameRange && cleanName(line.slice(...nameRange));
  return {
    name,
    handle: handle?.handle ?? null,
    dateText: dateRange && line.slice(...dateRange),
    spans: {
      name: name === null ? null : nameRange,
      handle: handle?.range ?? null,
      date: dateRange,
    },
  };
}

/** `— Example Name August 28, 2021`: only where a dash leads and a readable date ends the line. */
function withoutHandle(line: string, begin: number): Attribution | null {
  if (!LEADING_DASH.test(line)) return null;
  const tail = AFTER_DATE.exec(line)?.[0] ?? '';
  const end = line.length - tail.length + (tail.startsWith('.') ? 1 : 0);
  for (const start of boundaries(line.slice(Math.max(begin, end - MAX_DATE), end))) {
    const from = Math.max(begin, end - MAX_DATE) + start;
    const text = line.slice(from, end).trim();
    const date = trimmed(line, [from, end]);
    if (!date || !readDate(text)) continue;
    const nameEnd = line.slice(0, from).replace(EMPTY_BRACKETS, '').length;
    const nameRange = trimmed(line, [begin, Math.max(begin, nameEnd)]);
    return nameRange && attribution(line, { nameRange, handle: null, dateRange: date });
  }
  return null;
}

/** A skeleton of the embed code with neither name nor handle: `— (@) May 1, 2024`. */
const EMPTY_BRACKETS = /[(（]\s*[@＠]?\s*[)）]?\s*$/u;
const LEADING_DASH = new RegExp(`^[\\s${INVISIBLE}>]*(?:[${DASHES}]|&mdash;)`, 'u');
const WORD_START = /(?<=^|[\s\p{P}])\S/gu;

/** Where a word begins, leftmost first: the longest date wins. */
const boundaries = (text: string) => [...text.matchAll(WORD_START)].map((match) => match.index);

/**
 * Attributions in plain running text, as text extractors leave them: `(@handle)` behind a dash and directly before
 * a readable date. Conservative: without a dash or without a date there is none.
 */
export function findAttributions(text: string): FoundAttribution[] {
  const found: FoundAttribution[] = [];
  let from = 0;
  for (const line of text.split('\n')) {
    for (const hit of attributionsIn(line)) found.push(shifted(hit, from));
    from += line.length + 1;
  }
  return found;
}

function attributionsIn(line: string): FoundAttribution[] {
  const found: FoundAttribution[] = [];
  let after = 0;
  for (const handle of handlesIn(line)) {
    const dateRange = dateAt(line, handle.outer[1]);
    if (!dateRange) continue;
    const dash = dashBefore(line, after, handle.outer[0]);
    if (!dash) continue;
    const nameRange = trimmed(line, [dash[1], handle.outer[0]]);
    const parts = attribution(line, { nameRange, handle, dateRange });
    found.push({ ...parts, start: dash[0], end: dateRange[1] });
    after = dateRange[1];
  }
  return found;
}

const shift = (range: Range | null, by: number): Range | null =>
  range && [range[0] + by, range[1] + by];

function shifted(hit: FoundAttribution, by: number): FoundAttribution {
  const { name, handle, date } = hit.spans;
  const spans = { name: shift(name, by), handle: shift(handle, by), date: shift(date, by) };
  return { ...hit, start: hit.start + by, end: hit.end + by, spans };
}

const DASH_AT_START = new RegExp(`^[\\s${INVISIBLE}>]*(?<dash>[${DASHES}]{1,3}|&mdash;)`, 'u');
const EM_DASH = /[—―]|&mdash;|(?<=\s)--(?=\s?\S)/gu;

/**
 * The dash that leads the name: the first of the line if the line begins with one (a name may hold dashes),
 * otherwise the last em dash. A hyphen or en dash inside a line belongs to the text.
 */
function dashBefore(line: string, from: number, to: number): Range | null {
  const head = line.slice(from, to);
  const first = DASH_AT_START.exec(head);
  const dash = first?.groups?.['dash'];
  if (first && dash !== undefined) {
    const end = from + first[0].length;
    return to - end <= MAX_NAME ? [end - dash.length, end] : null;
  }
  const last = [...head.slice(-MAX_NAME).matchAll(EM_DASH)].at(-1);
  if (!last) return null;
  const start = to - Math.min(head.length, MAX_NAME) + last.index;
  return [start, start + last[0].length];
}

/** The longest readable date with a year right behind the handle. */
function dateAt(line: string, from: number): Range | null {
  const start = from + (BEFORE_DATE.exec(line.slice(from, from + MAX_DATE))?.[0].length ?? 0);
  const length = datePrefix(line.slice(start, start + MAX_DATE));
  return length === null ? null : [start, start + length];
}
