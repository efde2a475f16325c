/**
 * Elements that are named for a network and carry a post's id in an attribute of a plugin's or site's own making:
 * `<div class="lazy-tweet" data-key="1431…">`, `<tiktok-embed video-id="7012…">`. Asked last, where no rule read the element
 * and none of its attributes holds an address; what makes an id is the network's `typed`, as for data.
 */
import type { Network, PostRef } from './network.ts';
import type { Page, Spot } from './page.ts';
import { type Attribute, attributeValue, type Tag } from './tag.ts';
import { evidenceOf } from './view.ts';

/** What a script fills; a list's items are a feed's, links and pictures have ids of their own. */
const FILLED = new Set('div figure section span p blockquote aside article'.split(' '));
/** Where an element says what it is; elsewhere a network's name is about something else. */
const NAMING =
  /^(?:class|id|(?:data-)?(?:type|kind|provider(?:-name)?|service|platform|network|source|media|vendor|module|component|name|widget|embed|embed-?(?:type|provider|service|name)|social|social-?(?:type|network)|block|role|testid))$/;
/** Ids of accounts, of widgets, of the page itself. */
const NOT_AN_ID =
  /user|author|profile|owner|creator|widget|list|page|article|app|pixel|campaign|track|analytic|ad-?id|\bad\b|client|session|time|date|stamp|style|share|class|parent|reply|conversation|thread|hash|nonce|uuid|width|height|count/;
const NOT_A_POST =
  /share|follow|button|btn|icon|timeline|feed|profile|account|avatar|counter|login|connect|sign-?in|like-?box|menu|nav/i;
/** A number is an id where it is as long as those of today; codes of letters are the network's to tell. */
const NUMBER = /^\d+$/;
const LONG = /^[1-9]\d{16,18}$/;
const PREFIX = /^data-/;
const MIN_ID = 9;
const MAX_ID = 24;

export function claimTypedElement(page: Page, spot: Spot, tag: Tag): void {
  if (!FILLED.has(tag.name) && !tag.name.includes('-')) return;
  for (const index of spot.networks) {
    const network = page.run.networks[index];
    const found = network?.typed ? typedPost(page, tag, network) : null;
    if (network && found) {
      claim(page, spot.holder, { network, ref: found });
      return;
    }
  }
}

function typedPost(page: Page, tag: Tag, network: Network): PostRef | null {
  const custom = tag.name.includes('-');
  const candidates = tag.attributes.filter((each) => mayBeId(each, custom));
  if (candidates.length === 0) return null;
  const said = [tag.name, ...namesOf(page, tag)];
  if (said.some((name) => NOT_A_POST.test(name))) return null;
  const named = said.some((name) => network.typed?.says.test(name));
  for (const attribute of candidates) {
    if (!named && !network.typed?.says.test(attribute.name)) continue;
    const value = attributeValue(page.view, attribute).trim();
    if (NUMBER.test(value) && !LONG.test(value)) continue;
    const ref = network.typed?.ref(value, attribute.name.replace(PREFIX, '')) ?? null;
    if (ref) return ref;
  }
  return null;
}

/** The `id` of an element of HTML's own is the page's, that of a component its property. */
function mayBeId({ name, start, end }: Attribute, custom: boolean): boolean {
  if (end - start < MIN_ID || end - start > MAX_ID) return false;
  return name === 'id' ? custom : !NAMING.test(name) && !NOT_AN_ID.test(name);
}

const namesOf = (page: Page, tag: Tag): string[] =>
  tag.attributes
    .filter(({ name }) => NAMING.test(name))
    .flatMap((attribute) => attributeValue(page.view, attribute).split(SPACE));
const SPACE = /\s+/;

function claim(page: Page, holder: number, post: { network: Network; ref: PostRef }): void {
  const { structure, view } = page;
  const evidence = evidenceOf(view, structure.start[holder] ?? 0, structure.open[holder] ?? 0);
  page.run.claims.push({
    network: post.network,
    post: { ref: post.ref },
    role: page.regions.outside(holder) ? 'outside' : 'embed',
    form: 'attribute',
    evidence,
    spanOf: () => evidence,
  });
}
