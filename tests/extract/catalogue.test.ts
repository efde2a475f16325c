/**
 * The catalogue of forms: for each known way to embed a post, markup of invented content in its exact structure and
 * what must come out; look-alikes that must give nothing; forms that carry no id, each with the reason.
 */
import { readFileSync } from 'node:fs';
import path from 'node:path';
import { describe, expect, it } from 'vitest';
import type { Embed } from '../../src/embed.ts';
import { addressReader } from '../../src/extract/address.ts';
import { extract } from '../../src/extract/index.ts';
import { networks } from '../../src/networks/index.ts';
import { postKey } from '../../src/post-key.ts';

interface Form {
  readonly id: string;
  readonly platform: string;
  readonly html: string;
}
interface Catalogue {
  readonly forms: readonly (Form & {
    expect: { postId: string; commentId?: string; handle?: string; name?: string; date?: string };
  })[];
  readonly documented: readonly (Form & { posts: readonly (string | null)[]; reason: string })[];
  readonly addresses: readonly { address: string; post: string | null; reason?: string }[];
  readonly negatives: readonly { label: string; html: string }[];
}

const file = path.join(import.meta.dirname, 'fixtures/catalogue.json');
const { forms, documented, negatives, addresses } = JSON.parse(
  readFileSync(file, 'utf8'),
) as Catalogue;

const embedsOf = (html: string): Embed[] =>
  extract(
    Buffer.from(
      `<!doctype html><html lang="en"><head><title>A story</title></head><body><article><h1>A story</h1>` +
        `<p>A paragraph of the article stands before.</p>\n${html}\n<p>And another one after it.</p></article></body></html>`,
    ),
  ).embeds.filter(({ role }) => role === 'embed');

describe('a form of the catalogue gives its post', () => {
  it.each(forms)('$id', ({ platform, html, expect: want }) => {
    const embeds = embedsOf(html);
    expect(embeds).toHaveLength(1);
    const { postId, commentId = null } = want;
    expect(embeds[0]).toMatchObject({ platform, postId, commentId });
    if (want.handle) expect(embeds[0]?.author.handle).toBe(want.handle);
    if (want.name) expect(embeds[0]?.author.name).toBe(want.name);
    // Where the page shows no day, the catalogue's is that of the id.
    const { date, instant } = embeds[0]?.postedAt ?? {};
    if (want.date) expect(date ?? instant?.slice(0, 10)).toBe(want.date);
  });
});

describe('a form without a recoverable post gives no more than it carries', () => {
  it.each(documented)('$id: $reason', ({ html, posts }) => {
    expect(embedsOf(html).map(({ postId }) => postId)).toEqual(posts);
  });
});

describe('a look-alike gives nothing', () => {
  it.each(negatives)('$label', ({ html }) => {
    expect(embedsOf(html)).toEqual([]);
  });
});

describe('an address names its post, taken out of archives, caches, frames and escapes', () => {
  const read = addressReader(networks, null);
  it.each(addresses)('$address: $post', ({ address, post }) => {
    const claimed = read(address);
    expect(claimed && `${claimed.network.name} ${postKey(claimed.ref)}`).toBe(post);
  });
});
