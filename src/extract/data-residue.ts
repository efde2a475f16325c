/**
 * Attributions in the strings of data: `articleBody` and `description` of JSON-LD hold the article without its markup, so
 * what is left of its posts stands there as text.
 */
import type { Span } from '../embed.ts';
import { DataReader } from './data-object.ts';
import { Ownership } from './data-own.ts';
import { skeletonOf } from './data-scan.ts';
import { tokenAt } from './data-skeleton.ts';
import type { Network, TextPost } from './network.ts';
import type { Run } from './run.ts';
import { evidenceOf, innerView, type View } from './view.ts';
import { unreferenced } from './wrappers.ts';

const BLOCK_TAG = /<\/?(?:p|div|li|h[1-6]|br|blockquote|figure|section|article)(?:\s[^>]*)?>/gi;
const TAG = /<[^>]*>/g;
const PICTURE = /pic\.(?:twitter|x)\.com\/\w/;
const MAX_STRINGS = 40;
const MAX_POSTS = 100;

/** `places`: where `@handle)` stands in the script, as offsets in the view. */
export function readDataResidue(
  run: Run,
  view: View,
  script: Span & { readonly places: readonly number[] },
): void {
  const { start, end } = script;
  const inner = innerView(view, { start, end, wrappers: ['script'], setting: { data: true } });
  if (!run.budget.spend(inner.text.length)) return;
  const reader = new DataReader(inner, skeletonOf(inner));
  const ownership = new Ownership(reader, run.self);
  const tokens = new Set(script.places.map((place) => tokenAt(reader.skeleton, place - start)));
  for (const token of [...tokens].slice(0, MAX_STRINGS)) {
    const { tokenQuote, tokenBox } = reader.skeleton;
    if (token < 0 || (tokenQuote[token] ?? 0) === 0) continue;
    if (ownership.elsewhere(tokenBox[token] ?? -1)) continue;
    readString(run, reader, token);
  }
}

function readString(run: Run, reader: DataReader, token: number): void {
  const { tokenStart, tokenEnd } = reader.skeleton;
  const from = tokenStart[token] ?? 0;
  const to = tokenEnd[token] ?? 0;
  if (!run.budget.spend(to - from)) return;
  const string = innerView(reader.view, { start: from, end: to, wrappers: ['string'] });
  const text = unreferenced(string.text.replace(BLOCK_TAG, '\n').replace(TAG, ''));
  const evidence = evidenceOf(string, 0, string.text.length);
  for (const network of run.networks) {
    for (const found of network.residue?.(text).slice(0, MAX_POSTS) ?? []) {
      if (!isMissing(run, network, { found, evidence })) continue;
      if (PICTURE.test(found.post.media?.value[0]?.display ?? '')) {
        const { post } = found;
        const spanOf = (): Span => evidence;
        run.claims.push({ network, post, role: 'embed', form: 'text', evidence, spanOf });
      } else {
        const reason = 'text of the article signed like a post, in data without its markup';
        run.suspected.push({ reason, evidence: { start: evidence.start, end: evidence.end } });
      }
    }
  }
}

/**
 * The same post stands on the page nearly always: any post of its author is taken for it, and so is one whose author the
 * page does not show.
 */
function isMissing(
  run: Run,
  network: Network,
  { found: { post }, evidence }: { readonly found: TextPost; readonly evidence: Span },
): boolean {
  const wanted = post.handle?.value.toLowerCase();
  return !run.claims.some((claim) => {
    if (claim.network !== network) return false;
    const handle = claim.post.handle?.value ?? claim.post.ref?.handle ?? null;
    if (handle === null) return claim.role === 'embed';
    if (handle.toLowerCase() !== wanted) return false;
    // Other text without an id: another place that holds the same, or another post of the same string.
    if (claim.form !== 'text') return true;
    return claim.evidence.start !== evidence.start && claim.post.date?.value === post.date?.value;
  });
}
