/**
 * Every page in `src/networks/<name>/fixtures` through the whole engine, against its `.expected.json`: a network adds
 * pages to its folder, never a test here. Expectations are written by `vitest -u` and read by a reviewer.
 */
import { existsSync, readdirSync, readFileSync } from 'node:fs';
import { describe, expect, it } from 'vitest';
import type { Embed } from '../src/embed.ts';
import { extract } from '../src/extract/index.ts';
import { networks } from '../src/networks/index.ts';

const folder = new URL('../src/networks/', import.meta.url);
const fixturesOf = (name: string) => new URL(`${name}/fixtures/`, folder);

/** What a reviewer checks; offsets and rules are the engine's own tests. */
function reviewed({
  role,
  platform,
  postId,
  commentId,
  url,
  author,
  postedAt,
  lang,
  text,
  media,
  form,
}: Embed) {
  const { text: shown, date, instant, source, conflict } = postedAt;
  return {
    role,
    platform,
    postId,
    ...(commentId !== null && { commentId }),
    url,
    author,
    postedAt: { text: shown, date, instant, source, conflict },
    lang,
    text,
    media,
    form,
  };
}

for (const network of networks.filter(({ name }) => existsSync(fixturesOf(name)))) {
  const files = readdirSync(fixturesOf(network.name)).filter((file) => file.endsWith('.html'));

  describe(network.name, () => {
    it.each(files)('%s gives what its expectation says', async (file) => {
      const bytes = readFileSync(new URL(file, fixturesOf(network.name)));
      const { embeds } = extract(bytes, { url: 'https://news.example/the-bridge' });
      const expected = new URL(file.replace('.html', '.expected.json'), fixturesOf(network.name));
      await expect(`${JSON.stringify(embeds.map(reviewed), null, 2)}\n`).toMatchFileSnapshot(
        expected.pathname,
      );
    });

    it.each(files)('%s names no post that another network claims too', (file) => {
      const bytes = readFileSync(new URL(file, fixturesOf(network.name)));
      for (const { platform, url } of extract(bytes).embeds) {
        expect(platform).toBe(network.name);
        // Some posts stand where no shape gives them away: a blog on a domain of its own.
        const others = networks.filter((one) => one !== network && url && one.claim(new URL(url)));
        expect(
          others.map((one) => one.name),
          url ?? '',
        ).toEqual([]);
      }
    });

    it('has pages with posts and a page without any', () => {
      const counts = files.map((file) => {
        const bytes = readFileSync(new URL(file, fixturesOf(network.name)));
        return {
          file,
          posts: extract(bytes).embeds.filter((embed) => embed.role === 'embed').length,
        };
      });
      expect(counts.filter(({ posts }) => posts > 0)).not.toEqual([]);
      expect(
        counts.filter(({ file, posts }) => file.startsWith('no-posts') && posts === 0),
      ).not.toEqual([]);
    });
  });
}
