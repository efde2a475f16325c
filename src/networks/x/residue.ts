/**
 * Posts that survive only as text: `— Name (@handle) August 28, 2021` with the post's text before it, on its line, or
 * around it. lxml-based extractors (trafilatura) put the attribution behind the first line of a post and the rest of the
 * text after it; a picture link is the last word of a post, so it says where such a post ends.
 */
import type { Media } from '../../embed.ts';
import { fold, found } from '../../extract/fields.ts';
import type { Post, TextPost } from '../../extract/network.ts';
import { type FoundAttribution, findAttributions } from '../../normalise/attribution.ts';
import { readHandle } from '../../normalise/handle.ts';
import { mediaOfText } from './media.ts';

/** A post's own limit, weighted as X counts: 2 for CJK and emoji, 23 for an address, nothing for its pictures. */
const MAX_WEIGHT = 280;
const MAX_AHEAD = 12;
/** No article quotes as many. */
const MAX_POSTS = 1000;
const ENDS_IN_PICTURE = /pic\.(?:twitter|x)\.com\/\w{4,12}\s*$/;
const HAS_PICTURE = /pic\.(?:twitter|x)\.com\/\w{4,12}/;
const QUOTED = /^\s*(?:>|&gt;)\s?/;
const ADDRESS = /https?:\/\/\S+/g;
const PICTURES = /pic\.(?:twitter|x)\.com\/\w+/g;

interface Line {
  readonly text: string;
  readonly start: number;
  readonly end: number;
}

export function residue(text: string): readonly TextPost[] {
  const lines = linesOf(text);
  const found = findAttributions(text)
    .slice(0, MAX_POSTS)
    .filter((hit) => hit.handle !== null && readHandle('x', hit.handle) !== null);
  const owners = new Set(found.map((hit) => lineAt(lines, hit.start)));
  const starts = found.map((hit) => hit.start);
  const oneLine = lines.filter((line) => line.text.trim() !== '').length === 1;
  let free = 0;
  return found.map((hit, i) => {
    const next = starts[i + 1] ?? text.length;
    const post = postAround({ text, lines, owners, next, oneLine, free }, hit);
    free = post.end;
    return post;
  });
}

function linesOf(text: string): Line[] {
  const lines: Line[] = [];
  let start = 0;
  for (const line of text.split('\n')) {
    lines.push({ text: line, start, end: start + line.length });
    start += line.length + 1;
  }
  return lines;
}

function lineAt(lines: readonly Line[], offset: number): number {
  let low = 0;
  let high = lines.length - 1;
  while (low < high) {
    const middle = (low + high + 1) >> 1;
    if ((lines[middle]?.start ?? 0) <= offset) low = middle;
    else high = middle - 1;
  }
  return low;
}

interface Around {
  readonly text: string;
  readonly lines: readonly Line[];
  /** Lines that hold an attribution. */
  readonly owners: ReadonlySet<number>;
  /** Everything stands on one line. */
  readonly oneLine: boolean;
  /** Where the next attribution begins. */
  readonly next: number;
  /** What lies before belongs to the post before. */
  readonly free: number;
}

function postAround(around: Around, hit: FoundAttribution): TextPost {
  const own = lineAt(around.lines, hit.start);
  const head = headOf(around, hit, own);
  const tail = splitTail(around, { own, head, hit });
  const text = tail ? `${head.text} ${tail.text}` : head.text;
  const told = head.whole || !runsOn(around, { own, head, end: Math.max(hit.end, tail?.end ?? 0) });
  const said = fold(withoutIntro(text, told) ?? '');
  const body = head.whole || weight(said) <= MAX_WEIGHT ? said : '';
  // The picture is a post's last word, wherever its first may be.
  const last = ENDS_IN_PICTURE.test(text) ? mediaOfText(fold(text)).slice(-1) : [];
  return {
    start: head.start,
    end: Math.max(hit.end, tail?.end ?? 0),
    post: postOf(hit, body, body === '' ? last : mediaOfText(body)),
  };
}

/**
 * Whether all is on one line: another post before it, or the article going on behind it. Then nothing says where the
 * post's text begins.
 */
function runsOn(around: Around, at: { own: number; head: Head; end: number }): boolean {
  const line = around.lines[at.own];
  if (!line) return false;
  const end = Math.min(line.end, at.end + MAX_BEHIND);
  if (
    fold(around.text.slice(at.end, end)).length > 3 ||
    (at.head.start === around.free && around.free > line.start)
  )
    return true;
  return around.oneLine && fold(at.head.text).split(SENTENCE_END).length > 1;
}

const MAX_BEHIND = 100;

/** `The tweet reads: …`, `… schrieb er auf Twitter: …`: what leads to a post on its own line. */
const INTRO =
  /^[^:\n]{0,200}(?:\btweet(?:s|ed|ing|et|ete|é|a|ó)?\b|\b(?:on|via|auf|bei|sur|en|su|no|op|på|na|w) (?:twitter|x)\b|\btwitterte|\btuit|ツイート|твит|트윗)[^:\n]{0,60}:\s+(?=\S)/iu;

/** The text behind what leads to it; null where it cannot be told from the article's. */
function withoutIntro(text: string, told: boolean): string | null {
  const intro = INTRO.exec(text)?.[0];
  if (intro !== undefined) return text.slice(intro.length);
  return told ? text : null;
}

interface Head {
  readonly text: string;
  readonly start: number;
  /** Quote marks delimit the whole post. */
  readonly whole: boolean;
}

/** What stands before the dash on its line; if nothing, the line before; with quote marks, all the quoted lines. */
function headOf(around: Around, hit: FoundAttribution, own: number): Head {
  const { lines, text } = around;
  const line = lines[own];
  const from = Math.max(line?.start ?? 0, around.free);
  const same = text.slice(from, hit.start);
  if (QUOTED.test(line?.text ?? '')) return quotedHead(around, { own, same, start: from });
  if (fold(same) !== '') return { text: same, start: from, whole: false };
  for (let i = own - 1; i >= 0 && i >= own - 3; i--) {
    const before = lines[i];
    if (!before || before.start < around.free) break;
    if (fold(before.text) === '') continue;
    return around.owners.has(i)
      ? { text: '', start: hit.start, whole: false }
      : { text: before.text, start: before.start, whole: false };
  }
  return { text: '', start: hit.start, whole: false };
}

function quotedHead(around: Around, at: { own: number; same: string; start: number }): Head {
  const parts = [at.same.replace(QUOTED, '')];
  let { start } = at;
  for (let i = at.own - 1; i >= 0; i--) {
    const line = around.lines[i];
    if (line && fold(line.text) === '') continue;
    if (!line || around.owners.has(i) || line.start < around.free || !QUOTED.test(line.text)) break;
    parts.unshift(line.text.replace(QUOTED, ''));
    start = line.start;
  }
  return { text: parts.join('\n'), start, whole: true };
}

/**
 * The lines after the attribution up to one that ends in a picture, where head and lines fit into one post; within
 * quote marks only lines that have them too.
 */
function splitTail(around: Around, at: Signed): Tail | null {
  const { own, head, hit } = at;
  if (HAS_PICTURE.test(head.text)) return null;
  const last = around.lines[own]?.end ?? hit.end;
  const same = around.text.slice(hit.end, Math.min(last, around.next));
  const here = endedHere(head, same);
  return here ? { text: here, end: hit.end + here.length } : tailBelow(around, at, same);
}

interface Signed {
  readonly own: number;
  readonly head: Head;
  readonly hit: FoundAttribution;
}

interface Tail {
  readonly text: string;
  readonly end: number;
}

function tailBelow(around: Around, { own, head, hit }: Signed, same: string): Tail | null {
  const parts = [same];
  for (let i = own; i <= own + MAX_AHEAD && i < around.lines.length; i++) {
    const next = i > own ? continued(around, i, head.whole) : '';
    if (next === null) return null;
    parts.push(next);
    const text = parts.join('\n');
    if (weight(`${head.text} ${text}`) > MAX_WEIGHT) return null;
    if (ENDS_IN_PICTURE.test(text))
      return nextSigns(around, i) ? null : { text, end: around.lines[i]?.end ?? hit.end };
  }
  return null;
}

/** What of the attribution's own line ends in a picture, with the article behind it. */
function endedHere(head: Head, same: string): string | null {
  const ended = PICTURE_AND_ON.exec(same)?.[0];
  const fits = ended && weight(`${lastSentence(head.text)} ${ended}`) <= MAX_WEIGHT;
  return fits ? ended : null;
}

/** Up to the first picture of a line that goes on behind it, but not into another attribution. */
const PICTURE_AND_ON =
  /^(?:(?!pic\.(?:twitter|x)\.com)[\s\S]){0,600}?pic\.(?:twitter|x)\.com\/\w{4,12}(?=\s(?!\s*[—–―]))/;

const SENTENCE_END = /(?<=[.!?…。！？])\s+(?=\S)/u;
const lastSentence = (text: string): string => text.split(SENTENCE_END).at(-1) ?? '';

/** Nothing but white space stands between the line and the next attribution: it is that one's text. */
function nextSigns({ lines, text, next }: Around, line: number): boolean {
  const end = lines[line]?.end ?? next;
  return next < text.length && next >= end && text.slice(end, next).trim() === '';
}

/** A line that may go on with the post before it; null where another post or, in quote marks, the page begins. */
function continued(around: Around, i: number, quoted: boolean): string | null {
  const next = around.lines[i]?.text ?? '';
  if (around.owners.has(i)) return null;
  if (!quoted || next.trim() === '') return next;
  return QUOTED.test(next) ? next.replace(QUOTED, '') : null;
}

/** Length as X counts it. */
export function weight(text: string): number {
  const plain = fold(text.replace(PICTURES, '').replace(ADDRESS, '#'.repeat(23)));
  let sum = 0;
  for (const character of plain) sum += LIGHT.test(character) ? 1 : 2;
  return sum;
}
const LIGHT = /[\0-\u10ff\u2000-\u200d\u2010-\u201f\u2032-\u2037]/u;

function postOf(hit: FoundAttribution, body: string, media: readonly Media[]): Post {
  return {
    ref: null,
    form: 'text',
    name: found(hit.name, 'attribution in text'),
    handle: found(hit.handle, 'attribution in text'),
    date: found(hit.dateText, 'attribution in text'),
    text: found(body, 'text around the attribution'),
    media: media.length > 0 ? { value: media, rule: 'text around the attribution' } : null,
  };
}
