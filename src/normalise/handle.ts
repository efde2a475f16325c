/** Handles by each network's own rules: as written for showing, folded for looking up. */

const INVISIBLE = /[\u00ad\u061c\u200b-\u200f\u202a-\u202e\u2060\u2066-\u2069\ufeff]/g;
/** What editors leave around a handle: brackets, an `@` with a space, a colon or full stop behind it. */
const AROUND = /^[\s([{<（［"'“”‘’«»:,;]*[@＠]?\s*|[\s)\]}>）］"'“”‘’«»:,;!?…/]+$/g;
const LAST_DOTS = /\.+$/;
const MAX_LENGTH = 320;

const DOMAIN =
  /^(?=.{4,253}$)(?:[a-z0-9](?:[a-z0-9-]{0,61}[a-z0-9])?\.)+[a-z](?:[a-z0-9-]{0,61}[a-z0-9])?$/i;
const DID = /^did:(?:plc:[a-z2-7]{24}|web:[a-zA-Z0-9.%-]{3,253})$/;
const FEDIVERSE =
  /^[a-zA-Z0-9_](?:[a-zA-Z0-9_.-]{0,62}[a-zA-Z0-9_])?@(?=.{4,253}$)(?:[a-z0-9](?:[a-z0-9-]{0,61}[a-z0-9])?\.)+[a-z](?:[a-z0-9-]{0,61}[a-z0-9])?(?::\d{2,5})?$/i;

/** Where each shape is documented stands in docs/TIME.md. */
const RULES: ReadonlyMap<string, RegExp> = new Map([
  ['x', /^\w{1,15}$/],
  ['instagram', /^(?!.*\.\.)(?!\.)[\w.]{1,30}(?<!\.)$/],
  ['threads', /^(?!.*\.\.)(?!\.)[\w.]{1,30}(?<!\.)$/],
  ['facebook', /^[\p{L}\p{N}][\p{L}\p{N}.-]{0,99}$/u],
  ['tiktok', /^[\w.]{1,24}(?<!\.)$/],
  ['youtube', /^[\p{L}\p{N}_.·-]{1,100}$/u],
  ['bluesky', DOMAIN],
  ['mastodon', FEDIVERSE],
  ['truthsocial', /^\w{1,30}$/],
  ['telegram', /^[a-zA-Z]\w{3,31}$/],
  ['reddit', /^[\w-]{1,20}$/],
  ['linkedin', /^[\p{L}\p{N}\p{M}_%&’'.-]{1,100}$/u],
  ['pinterest', /^[a-zA-Z0-9_]{3,30}$/],
  ['tumblr', /^[a-zA-Z0-9](?:[a-zA-Z0-9-]{0,30}[a-zA-Z0-9])?$/],
  ['vk', /^[a-zA-Z0-9_.]{1,32}$/],
  ['vine', /^[\w.-]{1,50}$/],
]);

/** A network of which nothing is known: no spaces, brackets or controls. */
const ANY = /^[^\p{Z}\p{C}@＠()[\]{}<>"'/\\]{1,100}$/u;
const REDDIT_PREFIX = /^\/?u(?:ser)?\//i;

/** The handle without its `@`, in the case that the page shows; null where the network has no such handle. */
export function readHandle(platform: string, raw: string | null | undefined): string | null {
  if (raw === null || raw === undefined || raw.length > MAX_LENGTH) return null;
  let text = raw
    .normalize('NFKC')
    .replace(INVISIBLE, '')
    .replace(AROUND, '')
    .replace(LAST_DOTS, '');
  if (platform === 'reddit') text = text.replace(REDDIT_PREFIX, '');
  if (platform === 'bluesky' && DID.test(text)) return text;
  return (RULES.get(platform) ?? ANY).test(text) ? text : null;
}

/** One spelling per account, for looking up: never for showing. */
export function foldHandle(platform: string, handle: string): string {
  const text = handle.normalize('NFKC').replace(INVISIBLE, '').replace(AROUND, '');
  // a DID is case-sensitive by its specification
  return platform === 'bluesky' && text.startsWith('did:') ? text : text.toLowerCase();
}
