/** Links to posts: a citation in running text; an embed where the address stands alone, or in a container for embeds. */
import { postKey } from '../post-key.ts';
import { fold } from './fields.ts';
import type { Network } from './network.ts';
import type { Page, Spot } from './page.ts';
import { BLOCKQUOTE, nameOf } from './places.ts';
import { claimFor, readElement } from './rules.ts';
import { isShortcodeAround } from './shortcode.ts';
import { amongSources } from './sources-list.ts';
import { suspectAddress } from './suspicion.ts';
import { attributeOf, attributeValue, type Tag } from './tag.ts';
import { evidenceOf } from './view.ts';
import { unreferenced } from './wrappers.ts';

const MAX_CLIMB = 12;
/** Blocks in which a lone address is how a CMS leaves an embed that it could not resolve. */
const PARAGRAPHS = new Set('p div figure center section noscript content:encoded'.split(' '));
const INLINE = new Set('span strong em b i u font small'.split(' '));
const TAGS = /<[^>]*>/g;
const ADDRESS_LIKE = /^(?:https?:\/\/)?[^\s/]+\.[^\s/]+\/\S+$/;
const ELLIPSIS = /(?:…|\.\.\.)$/;

export function readLink(page: Page, spot: Spot, tag: Tag): void {
  const href = attributeOf(tag, 'href');
  if (!href) return;
  const address = attributeValue(page.view, href);
  const claimed = page.run.claimAddress(address, spot.networks);
  if (!claimed) suspectLink(page, spot.holder, address);
  if (!claimed || claimed.ref.kind === 'action') return;
  const { network, ref } = claimed;
  if (quotedIn(page, spot.holder, network)) return;
  const { structure, view } = page;
  const start = structure.start[spot.holder] ?? 0;
  const alone =
    inContainer(page, spot.holder, network) ||
    aloneInNoscript(page, spot.holder) ||
    (standsAlone(page, spot.holder) && !amongSources(page, spot.holder, start));
  const outside = page.regions.outside(spot.holder);
  const evidence = evidenceOf(view, start, structure.end[spot.holder] ?? 0);
  page.run.claims.push({
    network,
    post: { ref },
    role: outside ? 'outside' : alone ? 'embed' : 'citation',
    form: alone ? 'bare-url' : 'link',
    evidence,
    spanOf: () => evidence,
  });
}

function suspectLink(page: Page, link: number, address: string): void {
  const { structure } = page;
  const label = fold(plain(page, structure.open[link] ?? 0, structure.close[link] ?? 0));
  if (!ADDRESS_LIKE.test(label) || !aloneInParagraph(page, link)) return;
  const [start, end] = [structure.start[link] ?? 0, structure.end[link] ?? 0];
  suspectAddress(page, link, { address, start, end });
}

/**
 * An element that has only a post's id may hold the post for readers without scripts, as a blockquote without its class:
 * `<amp-twitter data-tweetid=…><blockquote placeholder>…`. The element's own end is later than the blockquote's.
 */
export function readQuoteInside(page: Page, spot: Spot, tag: Tag): void {
  const href = page.taken.post === null ? undefined : attributeOf(tag, 'href');
  const quote = href ? blockquoteAround(page, spot.holder) : -1;
  if (!href || quote < 0 || (page.structure.end[quote] ?? 0) >= page.taken.end) return;
  const claimed = page.run.claimAddress(attributeValue(page.view, href), spot.networks);
  if (claimed && claimed.ref.kind !== 'action') quotedIn(page, spot.holder, claimed.network);
}

/** Sanitisers drop the class of the official blockquote; the network's rule says whether this is one. */
function quotedIn(page: Page, link: number, network: Network): boolean {
  const at = blockquoteAround(page, link);
  if (at < 0 || page.tried.has(at)) return false;
  page.tried.add(at);
  return readElement(page, { holder: at, tag: page.tagOf(at), network });
}

function blockquoteAround(page: Page, link: number): number {
  const { structure } = page;
  let at = structure.parent[link] ?? -1;
  for (let i = 0; at >= 0 && i < MAX_CLIMB; i++) {
    if (structure.name[at] === BLOCKQUOTE) return at;
    at = structure.parent[at] ?? -1;
  }
  return -1;
}

/** The link is all its paragraph holds, and shows nothing but the address. */
function standsAlone(page: Page, link: number): boolean {
  const { structure } = page;
  const label = fold(plain(page, structure.open[link] ?? 0, structure.close[link] ?? 0));
  if (!ADDRESS_LIKE.test(label)) return false;
  if (!ELLIPSIS.test(label) && !page.run.claimAddress(label)) return false;
  return aloneInParagraph(page, link);
}

function aloneInParagraph(page: Page, link: number): boolean {
  const { structure, view } = page;
  let inner = link;
  let block = structure.parent[link] ?? -1;
  while (block >= 0 && INLINE.has(nameOf(view.text, structure, block))) {
    inner = block;
    block = structure.parent[block] ?? -1;
  }
  if (block < 0 || !PARAGRAPHS.has(nameOf(view.text, structure, block))) return false;
  if (!emptyAround(page, { inner, block })) return false;
  // An item of a list that is nothing but an address: a list of links.
  const item = structure.parent[block] ?? -1;
  return !(
    item >= 0 &&
    nameOf(view.text, structure, item) === 'li' &&
    emptyAround(page, { inner: block, block: item })
  );
}

/** What a script leaves for readers without it, and nothing else: the post that it would have drawn. */
function aloneInNoscript(page: Page, link: number): boolean {
  const { structure, view } = page;
  const block = structure.parent[link] ?? -1;
  if (block < 0 || nameOf(view.text, structure, block) !== 'noscript') return false;
  return emptyAround(page, { inner: link, block });
}

function emptyAround(page: Page, at: { inner: number; block: number }): boolean {
  const { structure } = page;
  const before = plain(page, structure.open[at.block] ?? 0, structure.start[at.inner] ?? 0);
  const after = plain(page, structure.end[at.inner] ?? 0, structure.close[at.block] ?? 0);
  const around = [fold(before), fold(after)] as const;
  return around.every((text) => text === '') || isShortcodeAround(...around);
}

/** Names a page gives to the place where a script will draw a post: consent banners, lazy loaders, iframely, embedly. */
const CONTAINER =
  /(?:^|[\s_-])(?:o?embed(?:ly|ded)?|iframely|social-?media-?(?:post|embed))(?:$|[\s_-])|(?:twitter|tweet|instagram|tiktok|facebook|bluesky|mastodon|threads|social|o)[_-]?embed|embed[_-]?(?:twitter|tweet|instagram|tiktok|facebook|bluesky|mastodon|threads|social|container|wrapper|block|card|consent)/i;
const ATTRIBUTES = new Set([
  'class',
  'id',
  'data-type',
  'data-embed-type',
  'data-component',
  'data-testid',
]);
const MAX_CONTAINER = 4;
/** A container holds a notice and a link, not an article's text. */
const MAX_NOTICE = 500;
const MAX_MARKUP = 8000;

function inContainer(page: Page, link: number, network: Network): boolean {
  const { structure } = page;
  let at = link;
  for (let i = 0; at >= 0 && i <= MAX_CONTAINER; i++) {
    const start = structure.open[at] ?? 0;
    const end = structure.close[at] ?? 0;
    if (end - start > MAX_MARKUP) return false;
    if (namesEmbed(page, at)) return onlyPost(page, { start, end, network });
    at = structure.parent[at] ?? -1;
  }
  return false;
}

function namesEmbed(page: Page, index: number): boolean {
  const tag = page.tagOf(index);
  return tag.attributes.some(
    (attribute) =>
      attribute.name.includes('iframely') ||
      (ATTRIBUTES.has(attribute.name) && CONTAINER.test(attributeValue(page.view, attribute))),
  );
}

const HREF = /\shref\s*=\s*["']?([^"'\s>]+)/gi;

/** Short, and every post it links to is the same one. */
function onlyPost(page: Page, where: { start: number; end: number; network: Network }): boolean {
  if (fold(plain(page, where.start, where.end)).length > MAX_NOTICE) return false;
  const ids = new Set<string>();
  for (const [, href] of page.view.text.slice(where.start, where.end).matchAll(HREF)) {
    const ref = claimFor(page, where.network, unreferenced(href ?? ''));
    if (ref) ids.add(postKey(ref));
  }
  return ids.size <= 1;
}

const MAX_PLAIN = 4000;

/** The text of a short stretch; a long one only needs to be known as not empty. */
export function plain(page: Page, start: number, end: number): string {
  const slice = page.view.text.slice(start, Math.min(end, start + MAX_PLAIN));
  return unreferenced(page.view.decode(slice.replace(TAGS, ' ')));
}
