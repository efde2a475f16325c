/** Links to posts: a citation in running text, an embed where the address stands alone in its paragraph. */

import { fold } from './fields.ts';
import type { Page, Spot } from './page.ts';
import { type claimFor, readElement } from './rules.ts';
import { BLOCKQUOTE, nameOf } from './scan.ts';
import { attributeOf, type Tag, valueOf } from './tag.ts';
import { evidenceOf } from './view.ts';
import { unreferenced } from './wrappers.ts';

const MAX_CLIMB = 12;
/** Blocks in which a lone address is how a CMS leaves an embed that it could not resolve. */
const PARAGRAPHS = new Set([
  'p',
  'div',
  'figure',
  'center',
  'section',
  'noscript',
  'content:encoded',
]);
const INLINE = new Set(['span', 'strong', 'em', 'b', 'i', 'u', 'font', 'small']);
const TAGS = /<[^>]*>/g;
const ADDRESS_LIKE = /^(?:https?:\/\/|www\.)?[^\s/]+\.[^\s]+\/\S+$/;

export function readLink(page: Page, spot: Spot, tag: Tag): void {
  const href = attributeOf(tag, 'href');
  if (!href) return;
  const claimed = page.run.claimAddress(valueOf(page.view, href));
  if (!claimed || claimed.ref.kind === 'action') return;
  const { network, ref } = claimed;
  if (quotedIn(page, spot.holder, network)) return;
  const { structure, view } = page;
  const alone = standsAlone(page, spot.holder);
  const outside = page.regions.outside(spot.holder);
  page.run.claims.push({
    network,
    post: { ref },
    role: alone && !outside ? 'embed' : 'citation',
    form: alone ? 'bare-url' : 'link',
    evidence: evidenceOf(view, structure.start[spot.holder] ?? 0, structure.end[spot.holder] ?? 0),
    spanOf: () =>
      evidenceOf(view, structure.start[spot.holder] ?? 0, structure.end[spot.holder] ?? 0),
  });
}

/** Sanitisers drop the class of the official blockquote; the network's rule says whether this is one. */
function quotedIn(page: Page, link: number, network: Parameters<typeof claimFor>[1]): boolean {
  const { structure } = page;
  let at = structure.parent[link] ?? -1;
  for (let i = 0; at >= 0 && i < MAX_CLIMB; i++) {
    if (structure.name[at] === BLOCKQUOTE) {
      if (page.tried.has(at)) return false;
      page.tried.add(at);
      return readElement(page, { holder: at, tag: page.tagOf(at), network });
    }
    at = structure.parent[at] ?? -1;
  }
  return false;
}

/** The link is all its paragraph holds, and shows nothing but the address. */
function standsAlone(page: Page, link: number): boolean {
  const { structure, view } = page;
  const label = fold(plain(page, structure.open[link] ?? 0, structure.close[link] ?? 0));
  if (label !== '' && !(ADDRESS_LIKE.test(label) && page.run.claimAddress(label))) return false;
  let inner = link;
  let block = structure.parent[link] ?? -1;
  while (block >= 0 && INLINE.has(nameOf(view.text, structure, block))) {
    inner = block;
    block = structure.parent[block] ?? -1;
  }
  if (block < 0 || !PARAGRAPHS.has(nameOf(view.text, structure, block))) return false;
  const before = plain(page, structure.open[block] ?? 0, structure.start[inner] ?? 0);
  const after = plain(page, structure.end[inner] ?? 0, structure.close[block] ?? 0);
  return fold(before) === '' && fold(after) === '' && label !== '';
}

const MAX_PLAIN = 2000;

/** The text of a short stretch; a long one only needs to be known as not empty. */
export function plain(page: Page, start: number, end: number): string {
  const slice = page.view.text.slice(start, Math.min(end, start + MAX_PLAIN));
  return unreferenced(page.view.decode(slice.replace(TAGS, ' ')));
}
