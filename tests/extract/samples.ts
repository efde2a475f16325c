/** For each network a piece of markup that gives a post by itself, taken from its own fixtures. */
import { readdirSync, readFileSync } from 'node:fs';
import type { Embed } from '../../src/embed.ts';
import { extract } from '../../src/extract/index.ts';
import type { Network } from '../../src/extract/network.ts';

const folder = new URL('../../src/networks/', import.meta.url);

export interface Fixture {
  readonly name: string;
  readonly bytes: Buffer;
}

export function fixtures(network: Network): Fixture[] {
  const own = new URL(`${network.name}/fixtures/`, folder);
  return readdirSync(own)
    .filter((file) => file.endsWith('.html'))
    .map((file) => ({ name: `${network.name}/${file}`, bytes: readFileSync(new URL(file, own)) }));
}

export interface Sample {
  readonly markup: string;
  readonly embed: Embed;
}

const MARKUP = new Set([
  'blockquote',
  'blockquote-link',
  'iframe',
  'amp',
  'card',
  'attribute',
  'script',
]);

export function sampleOf(network: Network): Sample {
  for (const { bytes } of fixtures(network)) {
    for (const embed of extract(bytes).embeds) {
      const { evidence } = embed;
      if (!evidence || evidence.wrappers.length > 0 || !MARKUP.has(embed.form)) continue;
      const markup = bytes.subarray(evidence.start, evidence.end).toString('utf8');
      const [alone, ...more] = extract(Buffer.from(markup)).embeds;
      if (alone?.postId && alone.postId === embed.postId && more.length === 0) {
        return { markup, embed: alone };
      }
    }
  }
  throw new Error(`no fixture of ${network.name} holds a post as markup of its own`);
}

export const page = (body: string): Buffer =>
  Buffer.from(
    `<!doctype html><html lang="en"><head><meta charset="utf-8"><title>The bridge</title></head><body><article><h1>The bridge</h1><p>People crossed it.</p>\n${body}\n<p>The end.</p></article></body></html>`,
  );

export const escapeHtml = (text: string): string =>
  text
    .replaceAll('&', '&amp;')
    .replaceAll('"', '&quot;')
    .replaceAll('<', '&lt;')
    .replaceAll('>', '&gt;');
