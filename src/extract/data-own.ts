/** Whether data speaks of an embed, and whether of this article's: pages carry teasers and bodies of others along. */
import type { DataReader } from './data-object.ts';
import type { Self } from './run.ts';
import { samePath, sameTitle } from './titles.ts';

/** Keys whose value says what an object is. */
export const TYPE_KEYS = [
  'type',
  '_type',
  '@type',
  '__typename',
  'subtype',
  'subType',
  'sub_type',
  'kind',
  'component',
  'componentName',
  'provider',
  'providerName',
  'provider_name',
  'providerNameSlug',
  'service',
  'resourceType',
  'elementType',
  'contentType',
  'model',
  'widget',
  'blockName',
  'element',
  'schema',
  'source',
  'embedType',
  'embed_type',
  'socialType',
  'network',
  'platform',
  'format',
] as const;
const EMBEDDISH =
  /embed|tweet|twitter|social|external|instagram|facebook|tiktok|youtube|bluesky|bsky|mastodon|threads|telegram|reddit|linkedin|pinterest|tumblr|^x[-_]?(?:post|status)|iframe|rich/i;
const EMBED_KEY = /embed|tweet|iframe|htmldata|mediaresource|socialmedia|social_media/i;
const NOT_EMBED =
  /share|follow|sameas|profile|account|handle|footer|header|navigation|menu|author|byline|person|organization|newsarticle|link$/i;
/** `"is": "instagram"`, `"which": "tweet"`: a value that is nothing but a network or a kind of embed. */
const NAMED =
  /^(?:x|x-post|tweet|twitter|instagram|facebook|tiktok|youtube|bluesky|mastodon|threads|telegram|reddit|linkedin|pinterest|tumblr|vk|truth-?social|o?embed|social(?:[_-]?(?:media|embed|post))?|(?:twitter|instagram|facebook|tiktok|bluesky|threads|linkedin|reddit)[_-]?(?:post|embed|video))$/i;
const PLATFORM_KEY =
  /^(?:x|twitter|instagram|facebook|tiktok|youtube|bluesky|mastodon|threads|telegram|reddit|linkedin|pinterest|tumblr|vk)[_-]?(?:post|video|status)?[_-]?(?:ur[il]|link|href|src)$/i;
/** A link's label is no type: `{ "type": "link", "text": "tweet" }`. */
export const LABEL =
  /^(?:text|label|title|alt|caption|content|children|anchor|link_?text|description)$/i;
const LINK_TYPE = /^external[-_]?link$/i;
const MAX_UP = 3;

export function typedAsEmbed(reader: DataReader, token: number, platform: string): boolean {
  const key = reader.keyOfToken(token);
  if (EMBED_KEY.test(key) || PLATFORM_KEY.test(key)) return true;
  if (NOT_EMBED.test(key)) return false;
  let box = reader.skeleton.tokenBox[token] ?? -1;
  for (let up = 0; box >= 0 && up < MAX_UP; up++) {
    if (EMBED_KEY.test(reader.keyOf(box))) return true;
    const said = reader.isObject(box) ? saysEmbed(reader.scalars(box), platform) : null;
    if (said === true || (said === false && up > 0)) return said;
    box = reader.skeleton.parent[box] ?? -1;
  }
  return false;
}

/** Whether the object is typed as an embed; null where it has no type at all. */
export function saysEmbed(scalars: ReadonlyMap<string, string>, platform: string): boolean | null {
  const types = TYPE_KEYS.map((type) => scalars.get(type) ?? '').filter(Boolean);
  const embeds = (type: string): boolean =>
    type.length < 80 && !LINK_TYPE.test(type) && (EMBEDDISH.test(type) || type === platform);
  if (types.some(embeds)) return true;
  for (const [key, value] of scalars) if (NAMED.test(value) && !LABEL.test(key)) return true;
  return types.length > 0 ? false : null;
}

const TITLE_KEYS = ['headline', 'title', 'name', 'headlines', 'seoTitle', 'hed'] as const;
const URL_KEYS = [
  'url',
  'canonical_url',
  'canonicalUrl',
  'website_url',
  'link',
  'permalink',
  'slug',
  'uri',
  'href',
  'path',
  'shareUrl',
  'webUrl',
] as const;
const OTHERS =
  /related|recommend|most[_-]?(?:read|viewed)|popular|trending|latest|sidebar|teaser|promo|more[_-]?(?:from|stories|news)|read[_-]?(?:more|next)|next[_-]?(?:article|story)|feed|comments|timeline|footer|navigation|playlist|^(?:next|prev|previous)(?:[-_]?(?:post|article|story|item|page|entry|node))?$/i;
/** `"type": "teaser-collection"`, `"component": "RelatedArticles"`: a block of links to other pages. */
const OTHERS_TYPE =
  /^(?:(?:article|page|block|content|story|news)[-_ ]?)?(?:teasers?|related|recommend(?:ed|ations?)?|most[-_ ]?(?:read|viewed|popular))(?:[-_ ]?(?:lists?|collection|blocks?|box|grid|items?|articles?|posts?|stories|contents?|slider|carousel|module|links?))*$/i;

const UNKNOWN = 0;
const HERE = 1;
const ELSEWHERE = 2;

/** Which boxes of a skeleton belong to other articles; each is looked at once. */
export class Ownership {
  private readonly memo: Uint8Array;
  private readonly reader: DataReader;
  private readonly self: Self;

  constructor(reader: DataReader, self: Self) {
    this.reader = reader;
    this.self = self;
    this.memo = new Uint8Array(reader.skeleton.boxes);
  }

  /** An ancestor is a list of other articles, one with a title and address that are not this page's, or analytics. */
  elsewhere(from: number): boolean {
    const path: number[] = [];
    let box = from;
    for (; box >= 0 && this.memo[box] === UNKNOWN; box = this.parentOf(box)) path.push(box);
    let state = box < 0 ? HERE : (this.memo[box] ?? HERE);
    for (const each of path.reverse()) {
      if (state === HERE && this.begins(each)) state = ELSEWHERE;
      this.memo[each] = state;
    }
    return state === ELSEWHERE;
  }

  private parentOf(box: number): number {
    return this.reader.skeleton.parent[box] ?? -1;
  }

  private begins(box: number): boolean {
    const { reader, self } = this;
    return (
      OTHERS.test(reader.keyOf(box)) ||
      isTracking(reader, box) ||
      (reader.isObject(box) &&
        (isTypedOthers(reader.scalars(box)) || isOtherArticle(reader, box, self)))
    );
  }
}

const isTypedOthers = (scalars: ReadonlyMap<string, string>): boolean =>
  TYPE_KEYS.some((key) => OTHERS_TYPE.test(scalars.get(key) ?? ''));

/** `dataLayer.push({…})`, `utag_data = {…}`, `gtag('event', …)`: what a page tells about itself to others. */
const TRACKING =
  /(?:^|[^\w$])(?:(?:adobeD|d)ataLayer(?:\.push)?|gtag|ga|_gaq\.push|fbq|twq|ttq\.track|_satellite\.track|digitalData|utag(?:_data|\.link|\.view)|(?:analytics|mixpanel|amplitude|heap|snowplow|plausible|segment)\.(?:track|page|push|logEvent)|_sf_async_config|trackEvent|parsely|PARSELY|s_code|newrelic\.\w+)\s*=?\s*$/;
const BEFORE = 40;

const EVENT = /^(?:event_?(?:category|action)|hit_?type)$/i;
const HAPPENING = /click|view|impression|load|scroll|share|interact|track/i;

function isTracking(reader: DataReader, box: number): boolean {
  const start = reader.skeleton.start[box] ?? 0;
  if (TRACKING.test(reader.view.text.slice(Math.max(0, start - BEFORE), start))) return true;
  if (!reader.isObject(box)) return false;
  const keys = reader.keys(box);
  for (const key of keys) if (EVENT.test(key)) return true;
  return keys.has('event') && HAPPENING.test(reader.scalars(box).get('event') ?? '');
}

function isOtherArticle(reader: DataReader, box: number, self: Self): boolean {
  const scalars = reader.scalars(box);
  const title = first(scalars, TITLE_KEYS) ?? nestedTitle(reader, box);
  const address = first(scalars, URL_KEYS);
  if (!title || !address || title.length < 15) return false;
  if (!self.title && !self.canonicalUrl) return false;
  if (self.title && sameTitle(title, self.title)) return false;
  const own = self.canonicalUrl ?? self.url;
  if (own && samePath(address, own)) return false;
  // Without a headline to compare there is no telling; an embed's own title ("X on Twitter") is no article.
  return Boolean(own) && looksLikeArticle(reader.keys(box), address);
}

const TITLES: ReadonlySet<string> = new Set(TITLE_KEYS);
const TITLE_TEXT = ['rendered', 'basic', 'text', 'value', 'default', 'plain', 'title', 'headline'];

/** `"title": { "rendered": "…" }` (WordPress), `"headlines": { "basic": "…" }` (Arc). */
function nestedTitle(reader: DataReader, box: number): string | null {
  for (let child = reader.firstChild(box); child >= 0; child = reader.nextChild(child)) {
    if (!reader.isObject(child) || !TITLES.has(reader.keyOf(child))) continue;
    const title = first(reader.scalars(child), TITLE_TEXT);
    if (title) return title;
  }
  return null;
}

const first = (scalars: ReadonlyMap<string, string>, keys: readonly string[]): string | null => {
  for (const key of keys) {
    const value = scalars.get(key);
    if (value) return value;
  }
  return null;
};

const NETWORK_HOST = /(?:twitter|x|instagram|facebook|tiktok|youtube)\.com/;
const ARTICLE_KEYS =
  /^(?:headline|date|publish|article_?body|body|content|description|summary|author|section|category|slug|canonical|modified|created|updated|dek|lead|teaser)/i;

const looksLikeArticle = (keys: ReadonlySet<string>, address: string): boolean =>
  !NETWORK_HOST.test(address) && [...keys].filter((key) => ARTICLE_KEYS.test(key)).length >= 2;
