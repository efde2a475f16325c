/** The moment inside a post's id, per network; each with the source of its layout (docs/TIME.md has the evidence). */

export interface IdTime {
  /** RFC 3339 in UTC. */
  readonly instant: string;
  readonly precision: 'ms' | 's';
  /** How far the post's shown time may be from it: the largest difference seen, rounded up. */
  readonly errorMs: number;
}

interface Layout {
  /** Milliseconds since 1970 of the id. */
  readonly ms: bigint;
  readonly precision: 'ms' | 's';
  readonly errorMs: number;
  /** Before the network minted such ids there are none. */
  readonly since: string;
}

/** Nothing that is dated beyond is an id of our networks. */
const LATEST = Date.parse('2100-01-01T00:00:00Z');
const DECIMAL = /^[1-9]\d{0,19}$/;
/** Ids are signed 64-bit numbers everywhere. */
const MAX_ID = 2n ** 63n;

function timeOf({ ms, precision, errorMs, since }: Layout): IdTime | null {
  const time = Number(ms);
  if (time < Date.parse(since) || time >= LATEST) return null;
  return { instant: new Date(time).toISOString(), precision, errorMs };
}

/** A BigInt: these ids are beyond what a Number holds. */
function decimal(id: string, digits: number): bigint | null {
  if (!DECIMAL.test(id) || id.length < digits) return null;
  const value = BigInt(id);
  return value < MAX_ID ? value : null;
}

const SECOND = 1000;

/**
 * X: twitter-archive/snowflake, `(id >> 22) + 1288834974657` ms. Ids below 1e13 were counted one by one
 * until November 2010 and carry no time. An edited post's id is the edit's own.
 */
export function xInstant(id: string): IdTime | null {
  const value = decimal(id, 14);
  if (value === null) return null;
  const ms = (value >> 22n) + 1_288_834_974_657n;
  return timeOf({ ms, precision: 'ms', errorMs: SECOND, since: '2010-11-04' });
}

/** Mastodon: lib/mastodon/snowflake.rb, `id >> 16` ms; ids of fewer digits are counters from before October 2017. */
export function mastodonInstant(id: string): IdTime | null {
  const value = decimal(id, 17);
  if (value === null) return null;
  return timeOf({ ms: value >> 16n, precision: 'ms', errorMs: SECOND, since: '2016-03-01' });
}

/** Truth Social is a Mastodon fork. */
export function truthsocialInstant(id: string): IdTime | null {
  const value = decimal(id, 17);
  if (value === null) return null;
  return timeOf({ ms: value >> 16n, precision: 'ms', errorMs: SECOND, since: '2021-10-01' });
}

const BASE64_URL = 'ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789-_';
const SHORTCODE = /^[\w-]{5,12}$/;
/** Shortcodes of private accounts: the code, then 28 characters of an access token. */
const PRIVATE_SHORTCODE = /^([\w-]{5,12})[\w-]{28}$/;

function shortcodeNumber(shortcode: string): bigint | null {
  const code = PRIVATE_SHORTCODE.exec(shortcode)?.[1] ?? shortcode;
  if (!SHORTCODE.test(code)) return null;
  let value = 0n;
  for (const char of code) value = value * 64n + BigInt(BASE64_URL.indexOf(char));
  return value < MAX_ID ? value : null;
}

/**
 * Instagram: "Sharding & IDs at Instagram" (2012), `(id >> 23) + 1314220021721` ms, the shortcode being the id
 * in base64url. It is minted when the upload starts: up to 88 s before the post in the cases known.
 * A code of fewer than ten characters is older than this layout.
 */
export function instagramInstant(shortcode: string): IdTime | null {
  const value = shortcodeNumber(shortcode);
  if (value === null) return null;
  const ms = (value >> 23n) + 1_314_220_021_721n;
  return timeOf({ ms, precision: 'ms', errorMs: 90 * SECOND, since: '2011-09-01' });
}

/** Threads: Instagram's scheme and alphabet; the network opened on 2023-07-05. */
export function threadsInstant(shortcode: string): IdTime | null {
  const value = shortcodeNumber(shortcode);
  if (value === null) return null;
  const ms = (value >> 23n) + 1_314_220_021_721n;
  return timeOf({ ms, precision: 'ms', errorMs: 90 * SECOND, since: '2023-06-01' });
}

/** TikTok: yt-dlp's tests, `id >> 32` s, 2 to 37 s before the create time; a draft's or scheduled post's may be far older. */
export function tiktokInstant(id: string): IdTime | null {
  const value = decimal(id, 18);
  if (value === null) return null;
  const ms = (value >> 32n) * 1000n;
  return timeOf({ ms, precision: 's', errorMs: 60 * SECOND, since: '2014-01-01' });
}

const TID_ALPHABET = '234567abcdefghijklmnopqrstuvwxyz';
const TID = /^[2-7a-j][2-7a-z]{12}$/;

/**
 * Bluesky: atproto.com/specs/tid, microseconds above 10 bits of clock id. The client mints it: it can be
 * backdated, and with a video it was 226 s early.
 */
export function blueskyInstant(rkey: string): IdTime | null {
  if (!TID.test(rkey)) return null;
  let value = 0n;
  for (const char of rkey) value = value * 32n + BigInt(TID_ALPHABET.indexOf(char));
  const ms = (value >> 10n) / 1000n;
  return timeOf({ ms, precision: 'ms', errorMs: 300 * SECOND, since: '2022-10-01' });
}

/** LinkedIn: widely used, not documented, `id >> 22` ms; activity and share ids of one post agree within 0.4 s. */
export function linkedinInstant(id: string): IdTime | null {
  const value = decimal(id, 19);
  if (value === null) return null;
  return timeOf({ ms: value >> 22n, precision: 'ms', errorMs: 60 * SECOND, since: '2012-01-01' });
}

/** Tumblr: found on yt-dlp's three native tests (0 to 28 s), `(id >> 20) + 1e12` ms; shorter ids are counters. */
export function tumblrInstant(id: string): IdTime | null {
  const value = decimal(id, 17);
  if (value === null) return null;
  const ms = (value >> 20n) + 1_000_000_000_000n;
  return timeOf({ ms, precision: 'ms', errorMs: 60 * SECOND, since: '2018-01-01' });
}

const READERS: ReadonlyMap<string, (id: string) => IdTime | null> = new Map([
  ['x', xInstant],
  ['mastodon', (id) => mastodonInstant(id.slice(id.lastIndexOf('/') + 1))],
  ['truthsocial', truthsocialInstant],
  ['instagram', instagramInstant],
  ['threads', threadsInstant],
  ['tiktok', tiktokInstant],
  ['bluesky', (id) => blueskyInstant(id.slice(id.lastIndexOf('/') + 1))],
  ['linkedin', linkedinInstant],
  ['tumblr', tumblrInstant],
]);

/** By platform and `postId` of the record; null for networks whose ids carry no time. */
export function idInstant(platform: string, postId: string | null): IdTime | null {
  return postId === null ? null : (READERS.get(platform)?.(postId) ?? null);
}
