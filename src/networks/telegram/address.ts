/** Addresses of posts in public Telegram channels. Private ones (`/c/…`) cannot be embedded or read. */
import type { PostRef } from '../../extract/network.ts';
import { forumFrame, pathOf } from '../../extract/url-path.ts';

const HOST = /^(?:www\.)?(?:t\.me|telegram\.me|telegram\.dog)$/;
/** `https://channel.t.me/43`. */
const CHANNEL_HOST = /^([a-z]\w{3,31})\.t\.me$/;
const POST = /^\/(?:s\/)?([A-Za-z]\w{2,63})\/(?:\d+\/)?(\d+)\/?$/;
const NUMBER = /^\/(?:s\/)?(\d+)\/?$/;
const WIDGET_ID = /^([A-Za-z]\w{2,63})\/(?:\d+\/)?(\d+)$/;
const NOT_A_CHANNEL = new Set([
  'joinchat',
  'addstickers',
  'addemoji',
  'addtheme',
  'addlist',
  'setlanguage',
  'share',
  'proxy',
  'socks',
  'login',
  'confirmphone',
  'contact',
  'invoice',
  'giftcode',
  'boost',
]);

export function claim(url: URL): PostRef | null {
  const framed = forumFrame(url, 'telegram');
  if (framed) return claimWidgetId(framed);
  const path = pathOf(url);
  const own = CHANNEL_HOST.exec(url.hostname)?.[1];
  if (own && own !== 'www') return address(own, NUMBER.exec(path)?.[1]);
  if (!HOST.test(url.hostname)) return null;
  const [, channel, number] = POST.exec(path) ?? [];
  return address(channel, number);
}

/** The widget's own spelling: `channel/123`. */
export function claimWidgetId(text: string): PostRef | null {
  const [, channel, number] = WIDGET_ID.exec(text.trim()) ?? [];
  return address(channel, number);
}

function address(channel: string | undefined, number: string | undefined): PostRef | null {
  if (!channel || !number || NOT_A_CHANNEL.has(channel.toLowerCase())) return null;
  return {
    postId: `${channel}/${number}`,
    url: `https://t.me/${channel}/${number}`,
    handle: channel,
  };
}
