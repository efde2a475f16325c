/** Facts in a reader's words: dates with just the precision they have, states, places. */
import type { PostedAt } from '../../embed.ts';
import { postKey } from '../../post-key.ts';
import type { PostRow } from '../../reader.ts';
import { type Html, html, webAddress } from '../html.ts';

const day = new Intl.DateTimeFormat('en-GB', { dateStyle: 'long', timeZone: 'UTC' });
const minute = new Intl.DateTimeFormat('en-GB', {
  dateStyle: 'long',
  timeStyle: 'short',
  timeZone: 'UTC',
});
const second = new Intl.DateTimeFormat('en-GB', {
  dateStyle: 'long',
  timeStyle: 'medium',
  timeZone: 'UTC',
});

/** An instant of ours, or of a post: 28 August 2021, 14:03 UTC. */
export function instant(iso: string, precision: 'day' | 'min' | 's' = 'min'): Html {
  const date = new Date(iso);
  if (Number.isNaN(date.getTime())) return html`<time>${iso}</time>`;
  const format = { day, min: minute, s: second }[precision];
  const zone = precision === 'day' ? '' : ' UTC';
  return html`<time datetime="${iso}">${format.format(date).replace(' at ', ', ')}${zone}</time>`;
}

/** When a post was written, as far as it is known; never more than that. */
export function posted({ instant: at, date, text, precision }: PostedAt, full = false): Html {
  if (at && precision !== 'day') return instant(at, full && precision !== 'min' ? 's' : 'min');
  if (date) return instant(date, 'day');
  return text ? html`<bdi>${text}</bdi>` : html`date unknown`;
}

const PRECISIONS = {
  ms: 'to the millisecond',
  s: 'to the second',
  min: 'to the minute',
  day: 'to the day',
};
const SOURCES = {
  id: 'computed from the post’s id',
  attribute: 'from the markup’s own date attribute',
  text: 'read from the date as the article shows it',
};

/** How far the date can be trusted, in one sentence. */
export function datePedigree({ precision, source, text }: PostedAt): string {
  const known = [source && SOURCES[source], precision && `exact ${PRECISIONS[precision]}`];
  const said = known.filter(Boolean).join(', ');
  return text ? `${said || 'not understood'}; the article shows “${text}”` : said;
}

const PLATFORMS: Readonly<Record<string, string>> = {
  x: 'X (Twitter)',
  instagram: 'Instagram',
  facebook: 'Facebook',
  tiktok: 'TikTok',
  youtube: 'YouTube',
  bluesky: 'Bluesky',
  mastodon: 'Mastodon',
  threads: 'Threads',
  truthsocial: 'Truth Social',
  telegram: 'Telegram',
  reddit: 'Reddit',
  linkedin: 'LinkedIn',
  pinterest: 'Pinterest',
  tumblr: 'Tumblr',
  vk: 'VK',
  vine: 'Vine',
};
export const platformNames = Object.entries(PLATFORMS);
export const platformName = (platform: string): string => PLATFORMS[platform] ?? platform;

/** A link out of the archive where the address is one of the web, else the text alone. */
export function linkOut(url: string | null, text: string = url ?? ''): Html {
  const href = webAddress(url);
  if (!href) return html`<bdi>${text}</bdi>`;
  return html`<a href="${href}" rel="nofollow noreferrer"><bdi>${text}</bdi></a>`;
}

export const postPath = (post: Pick<PostRow, 'platform' | 'postId' | 'commentId'>): string =>
  `/posts/${encodeURIComponent(post.platform)}/${encodeURIComponent(postKey(post))}`;
export const articlePath = (id: string): string => `/articles/${encodeURIComponent(id)}`;
export const capturePath = (id: string): string => `/v1/captures/${encodeURIComponent(id)}`;

export const plural = (count: number, one: string, many = `${one}s`): string =>
  `${count.toLocaleString('en')} ${count === 1 ? one : many}`;
