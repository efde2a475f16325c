/** Attributes that hold an address, an id's address, markup or JSON in any escaping, on any element. */

import { readData } from './data.ts';
import type { Form } from './network.ts';
import type { Page, Spot } from './page.ts';
import { isSpilt, MAX_SPILT, spiltEnd } from './spilt-json.ts';
import { type Attribute, attributeOf, attributeValue, type Tag } from './tag.ts';
import { evidenceOf, innerView } from './view.ts';
import type { Wrapper } from './wrappers.ts';

/** Elements whose attributes point at resources or other pages, never at an embed. */
const SILENT = new Set([
  'link',
  'meta',
  'img',
  'svg',
  'image',
  'use',
  'source',
  'form',
  'input',
  'button',
  'option',
  'base',
  'html',
  'body',
  'head',
  'area',
  'path',
  'track',
  'picture',
  'select',
  'label',
]);
const FRAMES = new Set(['iframe', 'embed', 'object', 'frame', 'amp-iframe']);
/** Where the address of something else is kept: link-robustness plugins, share buttons, analytics. */
const ELSEWHERE =
  /share|addthis|versionurl|original-?(?:href|url)|orig-url|referr|track|analytics|ga-|gtm|title|alt|caption|style|class|^id$|^on(?!click)|utm|widget-id|discussion/;
/** A frame that carries its page in its own address. */
const DATA_URI = /^data:text\/html(?:;[\w=-]+)*,/i;
const BASE64 = /^[A-Za-z0-9+/_-]{40,}={0,2}$/;
const ENCODED_MARKUP = /^(?:%3C|%7B|%5B)/i;

export function sweep(page: Page, spot: Spot, tag: Tag): void {
  if (SILENT.has(tag.name)) return;
  readSpilt(page, spot, tag);
  for (const attribute of tag.attributes) {
    if (!holdsHit(spot, attribute) || ELSEWHERE.test(attribute.name)) continue;
    readAttribute(page, { holder: spot.holder, tag, attribute });
  }
}

/** JSON in an attribute that a serialiser wrote without escaping its quotes: `data-attrs="{"url":"https://…"}"`. */
function readSpilt(page: Page, spot: Spot, tag: Tag): void {
  for (const attribute of tag.attributes) {
    if (!isSpilt(page.view.text, attribute) || !page.run.budget.spend(MAX_SPILT)) continue;
    const end = spiltEnd(page.view.text, attribute.start);
    if (end < 0) continue;
    const inner = innerView(page.view, {
      start: attribute.start,
      end,
      wrappers: ['attribute'],
      setting: { outside: page.regions.outside(spot.holder), data: true },
    });
    readData(page.run, inner, { read: page.read });
    return;
  }
}

const holdsHit = (spot: Spot, attribute: Attribute): boolean =>
  spot.hits.some((at) => at >= attribute.start && at < attribute.end);

interface Where {
  readonly holder: number;
  readonly tag: Tag;
  readonly attribute: Attribute;
}

function readAttribute(page: Page, where: Where): void {
  const undone = attributeValue(page.view, where.attribute);
  const whole = undone.trim();
  const prefix = DATA_URI.exec(whole)?.[0] ?? '';
  const value = whole.slice(prefix.length);
  const wrappers = wrappersOf(value);
  if (wrappers) {
    const view = innerView(page.view, {
      start: where.attribute.start + prefix.length,
      end: where.attribute.end,
      wrappers,
      ...(prefix === '' && { undone }),
      setting: { outside: page.regions.outside(where.holder), data: true },
    });
    if (looksLikeData(view.text)) readData(page.run, view, { read: page.read });
    else page.read(view);
    return;
  }
  if (where.attribute.name.startsWith('on')) return;
  if (where.tag.name !== 'script' && where.attribute.name !== 'href')
    claimAttribute(page, where, value);
}

/** What must be undone so that markup or data comes out; null for a plain value. */
function wrappersOf(value: string): readonly Wrapper[] | null {
  if (value.startsWith('<') || value.startsWith('{') || value.startsWith('[')) return ['attribute'];
  if (value.startsWith('&lt;')) return ['attribute', 'escaped'];
  if (ENCODED_MARKUP.test(value)) return ['attribute', 'percent'];
  if (value.length >= 40 && BASE64.test(value)) {
    const head = Buffer.from(value.slice(0, 80), 'base64').toString('latin1').trimStart();
    if (head.startsWith('<') || head.startsWith('{') || head.startsWith('['))
      return ['attribute', 'base64'];
    return ENCODED_MARKUP.test(head) ? ['attribute', 'base64', 'percent'] : null;
  }
  return value.includes('<blockquote') || value.includes('<iframe') ? ['attribute'] : null;
}

export const looksLikeData = (text: string): boolean => DATA.test(text);
const DATA = /^\s*[[{]/;

/** The source of a quotation is no embed, unless the element says that it is one. */
const QUOTING = new Set(['q', 'blockquote', 'ins', 'del']);
const SAYS_EMBED = /embed|media|social|tweet|twitter|toot|fb-|post/i;

function quotes(page: Page, { tag, attribute }: Where): boolean {
  if (attribute.name !== 'cite' || !QUOTING.has(tag.name)) return false;
  const named = attributeOf(tag, 'class');
  return !(named && SAYS_EMBED.test(attributeValue(page.view, named)));
}

/** Share and follow buttons keep the address of what they share; those of a post, the post's. */
const BUTTONS =
  /(?:^|[\s_-])(?:shar(?:e|es|er|ing)|share-?this|add-?this|addtoany|a2a|shariff|social-?likes)(?:$|[\s_-])/i;
const BUTTON_NAMES = ['class', 'id'] as const;
const MAX_UP = 2;

function isButton(page: Page, holder: number): boolean {
  let at = holder;
  for (let up = 0; at >= 0 && up <= MAX_UP; up++) {
    const tag = page.tagOf(at);
    const named = BUTTON_NAMES.map((name) => attributeOf(tag, name))
      .map((attribute) => (attribute ? attributeValue(page.view, attribute) : ''))
      .join(' ');
    if (SAYS_EMBED.test(named.replace(SOCIAL, ''))) return false;
    if (BUTTONS.test(named)) return true;
    at = page.structure.parent[at] ?? -1;
  }
  return false;
}
const SOCIAL = /social/gi;

function claimAttribute(page: Page, where: Where, value: string): void {
  if (quotes(page, where)) return;
  const claimed = page.run.claimAddress(value);
  if (!claimed || claimed.ref.kind === 'action') return;
  if (claimed.ref.kind !== 'embed' && isButton(page, where.holder)) return;
  // Other attributes of a link say where it comes from or goes; a frame's address among them has no other reason.
  if (where.tag.name === 'a' && claimed.ref.kind !== 'embed') return;
  const { structure, view } = page;
  const frame = FRAMES.has(where.tag.name);
  const form: Form = frame ? 'iframe' : where.tag.name.startsWith('amp-') ? 'amp' : 'attribute';
  const evidence = evidenceOf(
    view,
    structure.start[where.holder] ?? 0,
    frame ? (structure.end[where.holder] ?? 0) : (structure.open[where.holder] ?? 0),
  );
  page.run.claims.push({
    network: claimed.network,
    post: { ref: claimed.ref },
    role: page.regions.outside(where.holder) ? 'outside' : 'embed',
    form,
    evidence,
    spanOf: () => evidence,
  });
}
