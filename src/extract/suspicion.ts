/**
 * Signs of a post that could not be read: an empty place for one, a post's picture address or a lead-in without the post,
 * an address alone in its paragraph that leads nobody knows where. A later pass with a browser runs only where needed.
 */
import type { Suspected } from '../embed.ts';
import { postKey } from '../post-key.ts';
import type { Network } from './network.ts';
import type { Page } from './page.ts';
import type { Run, Suspicion } from './run.ts';
import { evidenceOf } from './view.ts';

const MAX_SUSPECTED = 100;

const PICTURE = /\bpic\.(?:twitter|x)\.com\/[A-Za-z0-9]{6,12}/;
/** `She tweeted:`, `… schrieb er auf Twitter:` at the end of a paragraph. */
const LEAD_IN =
  /(?:\btweet(?:s|ed|ing|et|ete)?|\btwitterte|\btuite|\bon (?:twitter|x|instagram|facebook|tiktok|threads|bluesky|truth social|telegram)|\b(?:auf|bei|sur|en|su|no|op|på|na) (?:twitter|x|instagram|facebook|tiktok|threads|bluesky|truth social|telegram))\b[^.!?]{0,80}:$/iu;
/** An element without text where a post would be: an empty figure, or an empty box that is named for one. */
const EMPTY_PLACE =
  /^(?:\s|<\/?(?:p|div|span|br|section|center|strong|em|b|i|a|script)\b[^>]*>|<!--[\s\S]{0,300}?-->)*(?:<figure\b[^>]*>\s*<\/figure>|<(?:div|section|span|blockquote)\b[^>]*(?:embed|tweet|twitter|social|instagram)[^>]*>\s*<\/)/i;
const AHEAD = 1500;

/** The run of text that holds a marker and is no post itself; `text`: as a reader sees it. */
export function suspectText(
  page: Page,
  holder: number,
  { text, ...run }: { readonly text: string; readonly start: number; readonly end: number },
): void {
  const { view } = page;
  const picture = PICTURE.test(text);
  if (
    !picture &&
    !(
      text.endsWith(':') &&
      LEAD_IN.test(text) &&
      EMPTY_PLACE.test(view.text.slice(run.end, run.end + AHEAD))
    )
  )
    return;
  if (page.regions.outside(holder)) return;
  suspect(page, {
    reason: picture
      ? 'the address of a post’s picture, without the post'
      : 'a lead-in to a post, and an empty place behind it',
    evidence: picture ? run : { start: run.start, end: run.end + AHEAD },
  });
}

/** An address alone in its paragraph that its network does not resolve without asking: `/share/…`, `fb.watch/…`. */
export function suspectAddress(
  page: Page,
  holder: number,
  at: { readonly address: string; readonly start: number; readonly end: number },
): void {
  const url = URL.parse(at.address);
  if (!url || !page.run.networks.some((network) => network.opaque?.(url))) return;
  if (page.regions.outside(holder)) return;
  const reason =
    'a short address alone in its paragraph: which post it leads to only its network knows';
  suspect(page, { reason, evidence: { start: at.start, end: at.end } });
}

export function suspect(
  { run, view }: Page,
  { reason, evidence, network }: Suspicion & { readonly network?: Network },
): void {
  if (run.suspected.length >= MAX_SUSPECTED) return;
  const { start, end } = evidenceOf(view, evidence.start, Math.min(evidence.end, view.text.length));
  run.suspected.push({ reason, evidence: { start, end }, ...(network && { network }) });
}

/**
 * A place around a post that was read, or inside one, is no sign of a miss; nor is an empty one for each post read
 * elsewhere on the page.
 */
export function stillMissing({ suspected, claims }: Run): Suspected[] {
  const open = suspected.filter(
    ({ evidence: { start, end } }) =>
      !claims.some(
        ({ evidence }) =>
          (evidence.start >= start && evidence.start < end) ||
          (evidence.start <= start && evidence.end >= end),
      ),
  );
  const read = (network: Network | undefined): number =>
    new Set(
      claims
        .filter((claim) => claim.network === network)
        .map(({ post: { ref } }) => ref && postKey(ref)),
    ).size;
  const waiting = (network: Network | undefined): number =>
    open.filter((each) => each.network === network).length;
  return open
    .filter(({ network }) => network === undefined || waiting(network) > read(network))
    .map(({ reason, evidence }) => ({ reason, evidence }));
}
