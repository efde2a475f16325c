/** Asks the networks' element rules about an open tag, and notes what they take. */

import { postKey } from '../post-key.ts';
import { candidateOf, type ElementRange, parseElement } from './element.ts';
import { holdsNothing } from './empty-box.ts';
import { firstAtOrAfter } from './hits.ts';
import type { ElementRule, Match, Network, Post, PostRef } from './network.ts';
import type { Page, Spot } from './page.ts';
import { looksAt, networksLookingAt } from './rule-index.ts';
import { suspect } from './suspicion.ts';
import { matches, type Tag } from './tag.ts';
import { evidenceOf } from './view.ts';

/** True where the tag was taken (or is to be ignored with all that is in it). */
export function readByRules(page: Page, spot: Spot, tag: Tag): boolean {
  const looking = networksLookingAt(page.run.networks, tag);
  if (looking === 0) return false;
  for (const index of spot.networks) {
    const network = looksAt(looking, index) ? page.run.networks[index] : undefined;
    if (!network) continue;
    if (network.ignore?.some((match) => matches(tag, match))) {
      take(page, page.structure.end[spot.holder] ?? 0, null);
      page.taken.ignored = true;
      return true;
    }
    if (readElement(page, { holder: spot.holder, tag, network })) return true;
    suspectPlaceholder(page, spot.holder, { tag, network });
  }
  return false;
}

export interface At {
  readonly holder: number;
  readonly tag: Tag;
  readonly network: Network;
}

/** The first rule of the network that reads a post off the element. */
export function readElement(page: Page, at: At): boolean {
  for (const rule of at.network.elements ?? []) {
    if (matches(at.tag, rule.match) && holds(page, at, rule) && applyRule(page, at, rule))
      return true;
  }
  return false;
}

/** Looked for at the network's markers, of which it holds one: the element may be a script of megabytes. */
function holds({ view, structure, hits }: Page, at: At, { match }: ElementRule): boolean {
  const wanted = match.holds;
  if (wanted === undefined) return true;
  const start = structure.start[at.holder] ?? 0;
  const end = structure.end[at.holder] ?? 0;
  for (let i = firstAtOrAfter(hits.at, start); i < hits.count; i++) {
    const hit = hits.at[i] ?? 0;
    if (hit >= end) return false;
    const from = Math.max(start, hit - wanted.length);
    if (view.text.slice(from, hit + wanted.length).includes(wanted)) return true;
  }
  return false;
}

function applyRule(page: Page, at: At, rule: ElementRule): boolean {
  const { run, view } = page;
  const range = rangeOf(page, at, rule.match);
  const { start, end } = range;
  if (!run.budget.spend(end - start)) return false;
  const parsed = parseElement(view, range, run.source);
  if (!parsed) return false;
  const claim = (address: string | undefined): PostRef | null =>
    claimFor(page, at.network, address);
  const read = rule.read(candidateOf(parsed, claim, run.self.url));
  const posts = listed(read).filter(worthKeeping);
  const inside = start < page.taken.end && end <= page.taken.end;
  const kept = inside ? posts.filter((post) => belongsHere(page, post)) : posts;
  const role = page.regions.outside(at.holder) ? 'outside' : 'embed';
  const evidence = evidenceOf(view, start, end);
  for (const post of kept) {
    const form = post.form ?? rule.form;
    const { spanOf } = parsed;
    run.claims.push({ network: at.network, post, role, form, evidence, spanOf });
  }
  const [first, second] = posts;
  if (first && !inside) take(page, end, second ? null : keyOf(first));
  return first !== undefined;
}

/** Inside another post's element: a better copy of the same; a quoted post is part of the outer one. */
const belongsHere = ({ taken }: Page, post: Post): boolean =>
  taken.post === null || keyOf(post) === taken.post;

const keyOf = ({ ref }: Post): string | null => ref && postKey(ref);

const listed = (read: Post | readonly Post[] | null): readonly Post[] => {
  if (read === null) return [];
  return 'ref' in read ? [read] : read;
};

export function claimFor(
  page: Page,
  network: Network,
  address: string | undefined,
): PostRef | null {
  const claimed = address ? page.run.claimAddress(address) : null;
  return claimed?.network === network ? claimed.ref : null;
}

const worthKeeping = (post: Post): boolean =>
  post.ref !== null || Boolean(post.text?.value) || Boolean(post.handle?.value);

function take(page: Page, end: number, post: string | null): void {
  page.taken.end = end;
  page.taken.post = post;
  page.taken.ignored = false;
}

function rangeOf(page: Page, at: At, match: Match): ElementRange {
  const { start, open } = page.structure;
  return {
    start: start[at.holder] ?? 0,
    open: open[at.holder] ?? 0,
    end: sliceEnd(page, at, match),
  };
}

/**
 * A blockquote whose end tag is missing must not swallow the next post: it ends where the next one begins. One that has
 * its end tag holds the other.
 */
function sliceEnd(page: Page, at: At, match: Match): number {
  const { structure } = page;
  const end = structure.end[at.holder] ?? 0;
  if (at.tag.name !== 'blockquote' || (structure.close[at.holder] ?? 0) < end) return end;
  const name = structure.name[at.holder];
  for (let i = at.holder + 1; i < structure.count; i++) {
    const start = structure.start[i] ?? 0;
    if (start >= end) break;
    if (structure.name[i] === name && matches(page.tagOf(i), match)) return start;
  }
  return end;
}

function suspectPlaceholder(page: Page, holder: number, at: { tag: Tag; network: Network }): void {
  const { structure, view } = page;
  for (const { match, says, empty, reason } of at.network.placeholders ?? []) {
    if (!matches(at.tag, match)) continue;
    const start = structure.start[holder] ?? 0;
    const tag = view.text.slice(start, structure.open[holder]);
    if (says && !says.test(view.decode(tag))) continue;
    if (empty && !holdsNothing(view.text.slice(structure.open[holder], structure.close[holder])))
      continue;
    if (page.regions.outside(holder)) continue;
    const evidence = { start, end: structure.end[holder] ?? 0 };
    suspect(page, { reason, evidence, network: at.network });
    return;
  }
}
