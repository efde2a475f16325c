/** Parsing again: what would change is shown, then written once; old sightings stay; the post follows the newest reading. */
import { expect, test } from 'vitest';
import type { Embed } from '../../src/embed.ts';
import { type Reparsed, type ReparseFilter, reparse } from '../../src/store/reparse.ts';
import { asReadBefore } from './made.ts';
import { describeStores, extractionOf, HOUR, ingestOnce, tweet } from './stores.ts';

describeStores('reparse', (current) => {
  /** Another version of the parser: what it sees depends on the page's address alone. */
  const again = async (
    filter: ReparseFilter & { parser?: string },
    sees: (url: string) => readonly Embed[],
  ): Promise<Reparsed[]> => {
    const { store } = current();
    const parser = filter.parser ?? '2';
    const world = {
      ...store.world,
      parser,
      archive: { read: () => Promise.resolve(new Uint8Array([1])) },
      extract: (_: Uint8Array, { url }: { url?: string | null }) => {
        if (url?.includes('broken')) return Promise.reject(new Error('torn'));
        return Promise.resolve(extractionOf(sees(url ?? ''), parser));
      },
    };
    const found: Reparsed[] = [];
    for await (const one of reparse(filter, world)) found.push(one);
    return found;
  };
  const show = async (id: string) => await current().store.reader.post('x', id);

  test('shows per field what is gained, lost and changed, and writes nothing on a dry run', async () => {
    const host = 'dry.example';
    const old = [tweet({ id: '11', name: 'Jane, March 5', date: null }), tweet({ id: '12' })];
    await ingestOnce(current(), { url: `https://${host}/a`, embeds: old });
    const fresh = [
      tweet({ id: '11', name: 'Jane', handle: null, url: 'https://x.com/i/status/11' }),
      tweet({ id: '13' }),
    ];
    const [one, ...others] = await again({ host, dryRun: true }, () => fresh);
    expect(others).toEqual([]);
    const kinds = one?.diffs.map((diff) => [diff.post?.postId, diff.field, diff.kind]);
    expect(kinds).toEqual([
      ['11', 'url', 'changed'],
      ['11', 'author.name', 'changed'],
      ['11', 'author.handle', 'lost'],
      ['11', 'postedAt.date', 'gained'],
      ['13', 'embed', 'gained'],
      ['12', 'embed', 'lost'],
    ]);
    expect(one).toMatchObject({ from: '1', to: '2', failure: null });
    expect((await show('11'))?.post.author.name).toBe('Jane, March 5');
    expect(await show('13')).toBeNull();
  });

  test('takes a wrong field away, keeps the old sighting under its version, records no version of the post', async () => {
    const host = 'write.example';
    const { captureId, articleId } = await ingestOnce(current(), {
      url: `https://${host}/a`,
      embeds: [tweet({ id: '21', name: 'A wrong name', text: 'wrong words' })],
    });
    await again({ host }, () => [tweet({ id: '21', name: null, text: 'Right words' })]);
    const detail = await show('21');
    expect(detail?.post).toMatchObject({ author: { name: null }, text: 'Right words' });
    expect(detail?.sightings.map((one) => [one.captureId, one.parser])).toEqual([
      [captureId, '2'],
      [captureId, '1'],
    ]);
    expect((await current().store.reader.posts({ q: 'wrong words' })).items).toEqual([]);
    const article = await current().store.reader.article(articleId);
    expect(article?.embeds.map((embed) => embed.text)).toEqual(['Right words']);
    expect(article?.captures).toMatchObject([{ id: captureId, parser: '2' }]);
    const versions = await current().store.db.selectFrom('post_versions').selectAll().execute();
    expect(versions).toEqual([]);
  });

  test('a comment that an older parser named otherwise stays the post it was, and nothing of it differs', async () => {
    const host = 'comment.example';
    const about = { platform: 'reddit', id: '1e9iyof', text: null };
    const read = [tweet({ ...about, commentId: 'leevgp2' }), tweet(about)];
    const embeds = read.map((embed) => (embed.commentId ? asReadBefore(embed) : embed));
    const { captureId } = await ingestOnce(current(), { url: `https://${host}/a`, embeds });
    const [one] = await again({ host }, () => read);
    expect(one).toMatchObject({ from: '1', to: '2', diffs: [], failure: null });
    const { reader } = current().store;
    expect((await reader.posts({ platform: 'reddit' })).items).toHaveLength(2);
    const detail = await reader.post('reddit', '1e9iyof/leevgp2');
    expect(detail?.sightings.map((seen) => [seen.captureId, seen.parser, seen.embed])).toEqual([
      [captureId, '2', read[0]],
      [captureId, '1', read[0]],
    ]);
  });

  test('what another article shows of the post stays shown', async () => {
    const host = 'two.example';
    await ingestOnce(current(), { url: 'https://other.example/b', embeds: [tweet({ id: '31' })] });
    current().pass(HOUR);
    await ingestOnce(current(), {
      url: `https://${host}/a`,
      embeds: [tweet({ id: '31', text: null })],
    });
    await again({ host }, () => []);
    expect((await show('31'))?.post).toMatchObject({ text: 'The harbour is open again' });
    expect((await show('31'))?.sightings).toHaveLength(2);
  });

  test('is done once: the second time there is nothing left, and a failed page is left for next time', async () => {
    const host = 'once.example';
    for (const path of ['a', 'broken', 'c']) {
      await ingestOnce(current(), {
        url: `https://${host}/${path}`,
        embeds: [tweet({ id: '41' })],
      });
    }
    const first = await again({ host }, () => [tweet({ id: '41' })]);
    expect(first.map((one) => one.failure?.message ?? 'ok')).toEqual(['ok', 'torn', 'ok']);
    const second = await again({ host }, () => []);
    expect(second.map((one) => one.url)).toEqual([`https://${host}/broken`]);
    expect((await show('41'))?.sightings).toHaveLength(5);
  });

  test('chooses by time and by parser version, compared as numbers', async () => {
    const host = 'versions.example';
    await ingestOnce(current(), { url: `https://${host}/v9`, embeds: [], parser: '9' });
    current().pass(HOUR);
    const since = current().now().toISOString();
    await ingestOnce(current(), { url: `https://${host}/v10`, embeds: [], parser: '10' });
    const urls = async (filter: ReparseFilter) =>
      (await again({ host, dryRun: true, parser: '11', ...filter }, () => [])).map(
        (one) => one.url,
      );
    expect(await urls({ parserBelow: '10' })).toEqual([`https://${host}/v9`]);
    expect(await urls({ since })).toEqual([`https://${host}/v10`]);
    expect(await urls({})).toHaveLength(2);
  });
});
