/**
 * Attributions left in a page whose markup of the post is gone: `— Name (@handle) August 28, 2021` in paragraphs. A
 * picture link or a blockquote around it says that it is a post; without either it may be an author's byline, and is
 * only suspected.
 */
import type { Evidence } from '../embed.ts';
import { readDataResidue } from './data-residue.ts';
import type { Network, TextPost } from './network.ts';
import { BLOCKQUOTE, type Places, placesOf, SCRIPT, SPOT_RAW, SPOT_TEXT } from './places.ts';
import type { Placed } from './plain.ts';
import { Regions } from './regions.ts';
import type { Claim, Run } from './run.ts';
import type { Structure } from './scan.ts';
import { evidenceOf, type View } from './view.ts';
import { unreferenced } from './wrappers.ts';

const MAX_PLACES = 60;
const AROUND = 3000;
const MAX_CLIMB = 12;
const TOKEN = /<(\/?)([a-z][\w:-]*)[^>]*>|<[^>]*>|[^<]+/gi;
const BLOCK = new Set(
  'address article aside blockquote br center dd div dl dt figcaption figure footer h1 h2 h3 h4 h5 h6 header hr li main ol p pre section table td th tr ul'.split(
    ' ',
  ),
);
const PICTURE = /pic\.(?:twitter|x)\.com\/\w|\/\/t\.co\/\w/;

/** `signed`: where `@handle)` stands in the page. */
export function readHtmlResidue(run: Run, view: View, signed: Int32Array): void {
  const open = signed
    .subarray(0, MAX_PLACES)
    .filter((at) => !run.claims.some((claim) => isPost(claim) && holds(claim.evidence, at)));
  if (open.length === 0) return;
  const structure = view.structure();
  const places = placesOf(structure, open);
  const regions = new Regions(view, structure);
  let after = 0;
  open.forEach((at, i) => {
    const holder = places.holder[i] ?? -1;
    if (places.spot[i] !== SPOT_TEXT || at < after || (holder >= 0 && regions.outside(holder)))
      return;
    after = readPlace(run, view, { at, after, quote: quoteAround(structure, holder), structure });
  });
  readScripts(run, view, { open, structure, places });
}

/** A link in the byline is taken for a citation until the byline is read. */
const isPost = ({ role }: Claim): boolean => role !== 'citation';
const holds = ({ start, end }: Evidence, at: number): boolean => at >= start && at < end;

/** Data that holds the article's text: JSON-LD and the state that applications leave. */
function readScripts(
  run: Run,
  view: View,
  { open, structure, places }: { open: Int32Array; structure: Structure; places: Places },
): void {
  const inScript = new Map<number, number[]>();
  open.forEach((at, i) => {
    const holder = places.holder[i] ?? -1;
    if (places.spot[i] !== SPOT_RAW || holder < 0 || structure.name[holder] !== SCRIPT) return;
    inScript.set(holder, [...(inScript.get(holder) ?? []), at]);
  });
  for (const [holder, within] of inScript) {
    const tag = view.text.slice(structure.start[holder], structure.open[holder]);
    if (!JSON_SCRIPT.test(tag)) continue;
    const [start, end] = [structure.open[holder] ?? 0, structure.close[holder] ?? 0];
    readDataResidue(run, view, { start, end, places: within });
  }
}
const JSON_SCRIPT = /json/i;

interface Place {
  readonly at: number;
  /** What lies before has been read. */
  readonly after: number;
  readonly quote: number;
  readonly structure: Structure;
}

function quoteAround(structure: Structure, holder: number): number {
  let at = holder;
  for (let i = 0; at >= 0 && i < MAX_CLIMB; i++) {
    if (structure.name[at] === BLOCKQUOTE) return at;
    at = structure.parent[at] ?? -1;
  }
  return -1;
}

/** Gives the offset up to which the page has been read. */
function readPlace(run: Run, view: View, place: Place): number {
  const { at, quote, structure } = place;
  const start = quote < 0 ? Math.max(0, at - AROUND) : (structure.open[quote] ?? 0);
  const last = quote < 0 ? view.text.length : (structure.close[quote] ?? 0);
  const end = Math.min(last, at + AROUND);
  if (!run.budget.spend(end - start)) return Number.MAX_SAFE_INTEGER;
  const placed = linesIn(view, { start, end, mark: quote < 0 ? '' : '> ' });
  let read = at + 1;
  for (const network of run.networks) {
    for (const found of network.residue?.(placed.text) ?? []) {
      const evidence = placed.place(found.start, found.end);
      if (!concerns(found, evidence, place)) continue;
      note(run, network, { found, evidence, sure: quote >= 0 || hasPicture(found) });
      read = Math.max(read, evidence.end);
    }
  }
  return read;
}

/**
 * The one signed at the place; others of the stretch where their picture makes them certain. What begins near the
 * stretch's end is read whole in the next.
 */
function concerns(found: TextPost, { start, end }: Evidence, { at, after }: Place): boolean {
  if (start <= at && end > at) return true;
  return start >= after && start < at + AROUND / 2 && hasPicture(found);
}

interface Noted {
  readonly found: TextPost;
  readonly evidence: Evidence;
  readonly sure: boolean;
}

function note(run: Run, network: Network, { found, evidence, sure }: Noted): void {
  const linked = linkedBy(run, network, { found, evidence });
  if (sure || linked) {
    const post = linked ? { ...found.post, ref: linked.post.ref } : found.post;
    const spanOf = (): Evidence => evidence;
    run.claims.push({ network, post, role: 'embed', form: 'text', evidence, spanOf });
    return;
  }
  const { start, end } = evidence;
  const reason = 'text signed like a post, without a picture or quote marks';
  run.suspected.push({ reason, evidence: { start, end } });
}

/** The link that the byline's date is, to a post of the author it names. */
function linkedBy(
  run: Run,
  network: Network,
  { found, evidence }: Pick<Noted, 'found' | 'evidence'>,
): Claim | null {
  const signer = found.post.handle?.value.toLowerCase();
  const near = run.claims.filter(
    (claim) =>
      claim.role === 'citation' &&
      claim.network === network &&
      claim.evidence.start < evidence.end + 20 &&
      claim.evidence.start >= evidence.start &&
      claim.evidence.end <= evidence.end + 600 &&
      (claim.post.ref?.handle?.toLowerCase() ?? signer) === signer,
  );
  return near.at(-1) ?? null;
}

const hasPicture = ({ post }: TextPost): boolean => PICTURE.test(post.text?.value ?? '');

const UNSEEN = /<(script|style|textarea|svg|title)\b[\s\S]*?<\/\1\s*>|<!--[\s\S]*?-->/gi;
/** The stretch may begin in the middle of one. */
const UNSEEN_BEFORE =
  /^(?:(?!<(?:script|style|textarea))[\s\S])*?<\/(?:script|style|textarea)\s*>/i;

/** Scripts, styles and comments blanked: each offset stays what it was. */
function visible(markup: string): string {
  const blank = (whole: string): string => ' '.repeat(whole.length);
  return markup.replace(UNSEEN_BEFORE, blank).replace(UNSEEN, blank);
}

/** The text of a stretch of markup, a line for each block, with the way back to the markup. */
function linesIn(view: View, range: { start: number; end: number; mark: string }): Placed {
  let text = '';
  const texts: number[] = [];
  const marks: number[] = [];
  const slice = visible(view.text.slice(range.start, range.end));
  for (const match of slice.matchAll(TOKEN)) {
    const name = match[2]?.toLowerCase();
    const at = range.start + match.index;
    if (name === undefined && match[0].startsWith('<')) continue;
    const piece =
      name === undefined
        ? unreferenced(view.decode(match[0])).replaceAll('\n', ' ')
        : BLOCK.has(name)
          ? '\n'
          : '';
    if (piece === '') continue;
    texts.push(text.length);
    marks.push(at);
    text += (text === '' || text.endsWith('\n')) && piece !== '\n' ? range.mark + piece : piece;
  }
  const back = (index: number): number => {
    let found = 0;
    for (let i = 0; i < texts.length && (texts[i] ?? 0) <= index; i++) found = i;
    const next = texts[found + 1] ?? text.length;
    const end = marks[found + 1] ?? range.end;
    return index >= next
      ? end
      : Math.min(end, (marks[found] ?? range.start) + Math.max(0, index - (texts[found] ?? 0)));
  };
  return {
    text,
    place: (start, end) =>
      evidenceOf(view, back(start), endOf(texts, { marks, end, last: range.end })),
  };
}

/** The end of the piece that holds the last character. */
function endOf(
  texts: readonly number[],
  at: { marks: readonly number[]; end: number; last: number },
): number {
  const next = texts.findIndex((start) => start >= at.end);
  return next < 0 ? at.last : (at.marks[next] ?? at.last);
}
