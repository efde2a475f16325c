/** Text runs with a marker in them: a bare address alone in its paragraph. */
import type { Claimed } from './address.ts';
import { fold } from './fields.ts';
import { plain } from './links.ts';
import type { Page, Spot } from './page.ts';
import { nameOf } from './places.ts';
import { readShortcode } from './shortcode.ts';
import { amongSources } from './sources-list.ts';
import { suspectAddress, suspectText } from './suspicion.ts';
import { evidenceOf, innerView } from './view.ts';

const ADDRESS = /^(?:https?:\/\/|www\.|at:\/\/)\S+$/i;
const BLOCKS = new Set([
  'p',
  'div',
  'figure',
  'section',
  'center',
  'noscript',
  'content:encoded',
  'description',
  'article',
  'td',
]);

export function readText(page: Page, spot: Spot): void {
  const { view } = page;
  const start = runStart(page, spot.from);
  const next = view.text.indexOf('<', spot.from);
  const end = next < 0 ? view.text.length : next;
  if (readFeed(page, spot, { start, end }) || end - start > MAX_LINE) return;
  const content = fold(plain(page, start, end));
  const shortcode = readShortcode(page.run, content);
  if (!shortcode && !ADDRESS.test(content)) {
    suspectText(page, spot.holder, { text: content, start, end });
    return;
  }
  if (!isParagraph(page, spot.holder) || !lonely(page, start, end)) return;
  const claimed = shortcode ?? page.run.claimAddress(content);
  if (!claimed) suspectAddress(page, spot.holder, { address: content, start, end });
  else if (shortcode || (claimed.ref.kind ?? 'post') === 'post')
    push(page, spot.holder, { claimed, start, end });
}

function push(
  page: Page,
  holder: number,
  { claimed, start, end }: { claimed: Claimed; start: number; end: number },
): void {
  const { view } = page;
  const evidence = evidenceOf(view, start, end);
  const cited = amongSources(page, holder, start);
  page.run.claims.push({
    network: claimed.network,
    post: { ref: claimed.ref },
    role: page.regions.outside(holder) ? 'outside' : cited ? 'citation' : 'embed',
    form: cited ? 'link' : 'bare-url',
    evidence,
    spanOf: () => evidence,
  });
}

/** Where the text begins. Spots come in order: what lies before the last one is not searched again. */
function runStart({ view, textRun }: Page, from: number): number {
  const since = view.text.slice(textRun.from, from).lastIndexOf('>');
  if (since >= 0) textRun.start = textRun.from + since + 1;
  textRun.from = from;
  return textRun.start;
}

/** Feeds write the article's markup as text. */
const FEED_FIELDS = new Set(['description', 'content:encoded', 'content', 'summary']);
const LONGEST_TAG = 40;
const ESCAPED_TAG = /&lt;[a-z]|&#0*60;[a-z]|&#x0*3c;[a-z]/i;

function readFeed(page: Page, spot: Spot, run: { start: number; end: number }): boolean {
  const { view, structure } = page;
  if (spot.holder < 0 || !FEED_FIELDS.has(nameOf(view.text, structure, spot.holder))) return false;
  // Text that is cut by stray `<` begins at the same place for each: what held no tag is not looked at again.
  const from = Math.max(run.start, page.textRun.plain - LONGEST_TAG);
  if (!page.run.budget.spend(run.end - from)) return false;
  if (!ESCAPED_TAG.test(view.text.slice(from, run.end))) {
    page.textRun.plain = run.end;
    return false;
  }
  page.read(innerView(view, { ...run, wrappers: ['escaped'] }));
  return true;
}

const isParagraph = (page: Page, holder: number): boolean =>
  holder < 0 || BLOCKS.has(nameOf(page.view.text, page.structure, holder));

const MAX_LINE = 3000;
const BLOCK_TAG =
  /^<\/?(?:p|div|figure|figcaption|section|center|br|noscript|blockquote|h[1-6]|ul|ol|article|script|iframe|content:encoded|!--)/i;

/** A line of its own: tags that break the line, or nothing, on both sides. */
function lonely(page: Page, start: number, end: number): boolean {
  const { text } = page.view;
  const opening = text.lastIndexOf('<', start - 1);
  const before = opening < 0 || BLOCK_TAG.test(text.slice(opening, opening + 20));
  const after = end >= text.length || BLOCK_TAG.test(text.slice(end, end + 20));
  return before && after;
}
