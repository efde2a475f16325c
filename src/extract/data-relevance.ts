/**
 * Whether a script's markers can come from a post. Most are share buttons and analytics; building the skeleton of a
 * megabyte of JSON for those would be most of the work on most pages.
 */
import { holdsEncodedMarkup } from './encoded-markup.ts';
import { inComponentRow } from './flight-components.ts';
import type { Hits } from './hits.ts';
import type { Network } from './network.ts';
import type { Run } from './run.ts';
import type { View } from './view.ts';

/** The characters of an address in any escaping of JSON, JavaScript and percent-encoding. */
const ADDRESS_CHARACTER = /[\w\-./:%?=&~@+#!,;*$\\]/;
const OF_ADDRESS = Uint8Array.from({ length: 256 }, (_, c) =>
  ADDRESS_CHARACTER.test(String.fromCharCode(c)) ? 1 : 0,
);
const BEFORE = 400;
const AFTER = 400;
/** `"tweetId":"1431…"`, `data-tweet-id=\\"1431…`: a marker and then a number that can only be an id. */
const ID_NEAR = /^[\w-]{0,30}[^\w]{1,8}\d{8,20}\b/;
/** The marker stands in a tag of markup that a string holds. */
const IN_TAG = /(?:<|\\u003c|\\x3c|&lt;|%3c)[a-z][^<>]{0,300}$/i;
const TAG_BEFORE = 300;
const TRAILING = /\\+$/;

export function mayHoldPosts(run: Run, view: View, hits: Hits): boolean {
  const { text } = view;
  let until = -1;
  for (let i = 0; i < hits.count; i++) {
    const at = hits.at[i] ?? 0;
    const network = hits.network[i] ?? -1;
    if (network < 0) continue;
    if (surelyPost(text, at) || mayBeTyped(run.networks[network], text, at)) return true;
    if (at < until) continue;
    const address = addressAround(view, at);
    until = address.end;
    const claimed = run.claimAddress(address.text);
    if (claimed && claimed.ref.kind !== 'action') return true;
  }
  return hasObjectKeys(run, text, hits) || holdsEncodedMarkup(view, hits);
}

const surelyPost = (text: string, at: number): boolean =>
  ID_NEAR.test(text.slice(at, at + 64)) ||
  IN_TAG.test(text.slice(Math.max(0, at - TAG_BEFORE), at));

const mayBeTyped = (network: Network | undefined, text: string, at: number): boolean =>
  network?.typed !== undefined && (hasIdAround(text, at) || inComponentRow(text, at));

/** `{ "type": "tweet", "id": "143…" }`: a number that long, or a key that only ids have, near the marker. */
const hasIdAround = (text: string, at: number): boolean =>
  ID_AROUND.test(text.slice(Math.max(0, at - AROUND), at + AROUND));
const ID_AROUND = /(?<!\d)\d{14,19}(?!\d)|(?:short_?code|video_?id)\\?["']/i;
const AROUND = 160;

function addressAround(
  { text, bytes }: View,
  at: number,
): { readonly text: string; readonly end: number } {
  let start = at;
  const first = Math.max(0, at - BEFORE);
  while (start > first && OF_ADDRESS[bytes[start - 1] as number] === 1) start--;
  let end = start;
  const last = Math.min(bytes.length, start + BEFORE + AFTER);
  while (end < last && OF_ADDRESS[bytes[end] as number] === 1) end++;
  const address = text.slice(start, end).replace(TRAILING, '');
  return { text: fromScheme(address), end: start + address.length };
}

/** What stands before the scheme is a key or a piece of code. */
function fromScheme(address: string): string {
  const at = address.search(SCHEME);
  return at > 0 ? address.slice(at) : address;
}
const SCHEME = /https?(?::|%3A)/i;

const quoted = (key: string): string => key.replace(SPECIAL, '\\$&');
const SPECIAL = /[.*+?^${}()|[\]\\]/g;
const patterns = new WeakMap<readonly Network[], (RegExp | null)[]>();

/** For each network, its objects' keys as they stand in JSON, in quotes that may be escaped. */
function keyPatterns(networks: readonly Network[]): (RegExp | null)[] {
  const known = patterns.get(networks);
  if (known) return known;
  const compiled = networks.map((network) => {
    const keys = (network.objects ?? []).flatMap((rule) => rule.keys).map(quoted);
    return keys.length > 0 ? new RegExp(`(?:${keys.join('|')})\\\\?"`) : null;
  });
  patterns.set(networks, compiled);
  return compiled;
}

/** An object's keys and its markers stand together: a megabyte apart they are two things. In characters, either way. */
const NEAR = 32 * 1024;
const LONGEST_KEY = 64;

function hasObjectKeys(run: Run, text: string, hits: Hits): boolean {
  const patterns = keyPatterns(run.networks);
  const searched = new Map<number, number>();
  for (let i = 0; i < hits.count; i++) {
    const at = hits.at[i] ?? 0;
    const network = hits.network[i] ?? -1;
    const to = at + NEAR;
    const from = Math.max(0, at - NEAR, (searched.get(network) ?? 0) - LONGEST_KEY);
    if (patterns[network]?.test(text.slice(from, to))) return true;
    searched.set(network, to);
  }
  return false;
}
