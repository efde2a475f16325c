/** Posts in plain text: the output of text extractors, and what is left in a page where all markup of a post is gone. */

import type { Evidence } from '../embed.ts';
import { fold } from './fields.ts';
import type { Run } from './run.ts';
import { headed } from './sources-list.ts';

const MARKUP = /<[a-z!/?][^<]{0,2000}>/i;
/** An address alone on its line is what is left of an embed. */
const LONE_ADDRESS = /^[^\S\n]*((?:https?:\/\/|www\.|at:\/\/)\S{8,500})[^\S\n]*$/gm;
const MAX_TEXT = 2_000_000;

/** Nothing in it is a tag. */
export const isPlainText = (latin: string): boolean => !MARKUP.test(latin);

export interface Placed {
  readonly text: string;
  /** Where a stretch of the text stands in the page. */
  readonly place: (start: number, end: number) => Evidence;
}

export function readPlainText(run: Run): void {
  const { source } = run;
  const text = source.decode(source.latin).slice(0, MAX_TEXT);
  const offsets = byteOffsets(source.latin.length, text);
  const placed: Placed = {
    text,
    place: (start, end) => ({
      start: offsets(start),
      end: Math.max(offsets(end), offsets(start) + 1),
      wrappers: [],
    }),
  };
  readResidue(run, placed);
  for (const match of text.matchAll(LONE_ADDRESS)) readAddress(run, placed, match);
}

/** In UTF-8, how many bytes the first characters take; counted on from the last question, since they come in order. */
function byteOffsets(bytes: number, text: string): (index: number) => number {
  if (bytes === text.length) return (index) => index;
  let known = 0;
  let width = 0;
  return (index) => {
    if (index < known) {
      known = 0;
      width = 0;
    }
    width += Buffer.byteLength(text.slice(known, index));
    known = index;
    return Math.min(width, bytes);
  };
}

export function readResidue(run: Run, placed: Placed): void {
  for (const network of run.networks) {
    for (const { post, start, end } of network.residue?.(placed.text) ?? []) {
      const evidence = placed.place(start, end);
      run.claims.push({
        network,
        post,
        role: 'embed',
        form: post.form ?? 'text',
        evidence,
        spanOf: () => evidence,
      });
    }
  }
}

function readAddress(run: Run, placed: Placed, match: RegExpExecArray): void {
  const address = match[1] ?? '';
  const claimed = run.claimAddress(fold(address));
  if (!claimed || claimed.ref.kind === 'action' || claimed.ref.kind === 'embed') return;
  const start = match.index + match[0].indexOf(address);
  const evidence = placed.place(start, start + address.length);
  const cited = headed(placed.text.slice(0, match.index));
  run.claims.push({
    network: claimed.network,
    post: { ref: claimed.ref },
    role: cited ? 'citation' : 'embed',
    form: cited ? 'link' : 'bare-url',
    evidence,
    spanOf: () => evidence,
  });
}
