/**
 * One article, one address: normalises URLs, names articles, checks orders at intake.
 * Conservative on purpose: two spellings are joined only where no server can tell them apart, or where
 * the difference is a click identifier that analytics vendors document as such.
 */
import { createHash } from 'node:crypto';
import { z } from 'zod';
import { orderSchema } from './article-job.ts';
import { EmbedkeepError, type ErrorCode } from './errors.ts';
import type { Checked } from './ledger.ts';
import { parsePlan } from './plan-spec.ts';

/** The longest URL that proxies and caches of the web agree on. */
const MAX_URL = 2083;
const MAX_ECHO = 8192;

/** Absolute, no white space, no control character, no backslash: what URL parsers guess at is refused. */
// biome-ignore lint/suspicious/noControlCharactersInRegex: control characters are what it refuses
const ABSOLUTE = /^https?:\/\/[^\s/\\?#\u0000-\u001f\u007f][^\s\\\u0000-\u001f\u007f]*$/i;
const TRAILING_DOTS = /\.+$/;

const TRACKING_PREFIX = 'utm_';
/** Click and mail identifiers of advertising and newsletter systems; none of them selects content. */
const TRACKING = new Set(
  `fbclid gclid gclsrc dclid gbraid wbraid msclkid yclid ysclid twclid ttclid igshid igsh li_fat_id
   mc_cid mc_eid mkt_tok _hsenc _hsmi __hssc __hstc hsctatracking vero_id vero_conv oly_anon_id oly_enc_id
   wickedid _openstat srsltid epik rb_clickid s_kwcid ef_id _ga _gl __twitter_impression
   guccounter guce_referrer guce_referrer_sig`.split(/\s+/),
);

/**
 * The address an article is known and fetched by: scheme and host in lower case (IDN as punycode), no default
 * port, no trailing dot of the host, no user and password, no fragment, no known tracking parameter.
 * Path, order and spelling of the other parameters stay as they are. Applying it twice changes nothing more.
 * @throws EmbedkeepError URL_INVALID
 */
export function normaliseUrl(given: string): string {
  if (given.length > MAX_URL) throw invalid(`longer than ${MAX_URL} characters`);
  const url = ABSOLUTE.test(given) ? URL.parse(given) : null;
  if (!url) throw invalid('not an absolute http(s) URL');
  // A setter writes the whole address anew, also where nothing changes; most have nothing to change.
  if (url.username !== '') url.username = '';
  if (url.password !== '') url.password = '';
  if (given.includes('#')) url.hash = '';
  if (url.hostname.endsWith('.')) url.hostname = url.hostname.replace(TRAILING_DOTS, '');
  if (url.hostname === '' || url.hostname.endsWith('.')) throw invalid('no host');
  // A bare question mark goes too, and is no part of `search`.
  if (given.includes('?')) url.search = withoutTracking(url.search);
  if (url.href.length > MAX_URL) throw invalid(`longer than ${MAX_URL} characters`);
  return url.href;
}

/** `sha256(normalised URL)` in hex. */
export const articleId = (normalisedUrl: string): string =>
  createHash('sha256').update(normalisedUrl).digest('hex');

/** Checks what came in, order by order: a bad one never spoils the others. Strings stand for `{ url }`. */
export function checkOrders(given: readonly unknown[]): Checked[] {
  return given.map((item) => checkOrder(typeof item === 'string' ? { url: item } : item));
}

function checkOrder(given: unknown): Checked {
  const parsed = orderSchema.safeParse(given);
  if (!parsed.success) return refuse(given, parsed.error);
  try {
    const url = normaliseUrl(parsed.data.url);
    if (parsed.data.plan !== undefined) parsePlan(parsed.data.plan);
    return { order: parsed.data, url, articleId: articleId(url) };
  } catch (thrown) {
    return refuse(given, thrown);
  }
}

function refuse(given: unknown, thrown: unknown): Checked {
  const url = urlOf(given);
  const isUrl = url !== null && concernsUrl(thrown);
  const isPlan = thrown instanceof EmbedkeepError && thrown.code === 'PLAN_INVALID';
  const other: ErrorCode = isPlan ? 'PLAN_INVALID' : 'PAYLOAD_INVALID';
  const code: ErrorCode = isUrl && !isPlan ? 'URL_INVALID' : other;
  return { order: { url: url ?? '' }, refused: { code, message: explain(thrown) } };
}

function concernsUrl(thrown: unknown): boolean {
  if (thrown instanceof z.ZodError) return thrown.issues.every((issue) => issue.path[0] === 'url');
  return true;
}

function explain(thrown: unknown): string {
  const text =
    thrown instanceof z.ZodError
      ? thrown.issues
          .map((issue) => `${issue.path.join('.') || 'order'}: ${issue.message}`)
          .join('; ')
      : String(thrown instanceof Error ? thrown.message : thrown);
  return text.slice(0, 500);
}

function urlOf(given: unknown): string | null {
  const url = (given as { url?: unknown } | null | undefined)?.url;
  return typeof url === 'string' ? url.slice(0, MAX_ECHO).toWellFormed() : null;
}

function withoutTracking(search: string): string {
  const kept = search
    .slice(1)
    .split('&')
    .filter((pair) => !isTracking(pair.split('=', 1)[0] ?? ''))
    .join('&');
  return kept === '' ? '' : `?${kept}`; // the setter would eat a question mark of the query's own
}

function isTracking(rawName: string): boolean {
  const name = decode(rawName).toLowerCase();
  return name.startsWith(TRACKING_PREFIX) || TRACKING.has(name);
}

function decode(text: string): string {
  try {
    return decodeURIComponent(text);
  } catch {
    return text; // not our business to repair: it is compared as it stands
  }
}

const invalid = (why: string): EmbedkeepError =>
  new EmbedkeepError(
    'URL_INVALID',
    `Give an absolute http or https URL of at most 2,083 characters (${why}).`,
  );
