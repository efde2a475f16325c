/** A post that one page shows twice, with its id and without, before anybody can know that it is one: nothing recorded goes. */
import { expect, test } from 'vitest';
import { inspectChain } from '../../src/store/verify.ts';
import { Inspection } from '../../src/store/verify-report.ts';
import { verifySightings } from '../../src/store/verify-sightings.ts';
import { viewOf } from '../../src/store/verify-store.ts';
import { newVouched } from '../../src/store/vouched.ts';
import { describeStores, HOUR, ingestOnce, tweet } from './stores.ts';

describeStores('a post seen with and without its id', (current) => {
  const events = async (articleId: string) =>
    (
      await current()
        .store.db.selectFrom('events')
        .select(['kind', 'post_id'])
        .where('article_id', '=', articleId)
        .where('kind', 'in', ['seen', 'vanished'])
        .orderBy('seq')
        .execute()
    ).map((event) => [event.kind, event.post_id]);

  test('in one capture keeps both sightings when they are joined, and chain and sightings verify', async () => {
    const url = 'https://joined.example/story';
    const text = 'The same words, once with a number';
    // The second copy has no text of its own, so no fingerprint tells that it is the first.
    const first = await ingestOnce(current(), {
      url,
      embeds: [
        tweet({ id: null, text, media: ['pic.twitter.com/a'] }),
        tweet({ id: '777', text: null }),
      ],
    });
    current().pass(HOUR);
    await ingestOnce(current(), {
      url: 'https://joined.example/other',
      embeds: [tweet({ id: '777', text })],
    });
    const detail = await current().store.reader.post('x', '777');
    expect((await current().store.reader.posts({ q: text })).items).toHaveLength(1);
    const here = detail?.sightings.filter((one) => one.captureId === first.captureId);
    expect(here?.map((one) => one.embed.postId).toSorted()).toEqual(['777', null]);

    const view = viewOf(current().store.db);
    const inspection = new Inspection();
    const vouched = newVouched();
    await inspectChain(view, { inspection, vouched });
    const later = () => Promise.resolve(vouched);
    await verifySightings(view.sightings(), { inspection, vouched, later, met: new Map() });
    expect(inspection.report('it').findings).toEqual([]);

    // Gone from the article, it is gone once.
    current().pass(HOUR);
    await ingestOnce(current(), { url, embeds: [], force: true });
    const told = await events(first.articleId);
    expect(told.filter(([kind]) => kind === 'vanished')).toHaveLength(1);
  });

  test('keeps what both rows knew to have changed in one capture', async () => {
    const { store, pass } = current();
    const url = 'https://joined.example/changing';
    const copies = (name: string) => [
      tweet({ id: null, handle: 'two', text: 'One text', name }),
      tweet({ id: '888', handle: 'two', text: null, name }),
    ];
    await ingestOnce(current(), { url, embeds: copies('Before') });
    pass(HOUR);
    await ingestOnce(current(), { url, embeds: copies('After'), force: true });
    pass(HOUR);
    const whole = tweet({ id: '888', handle: 'two', text: 'One text', name: 'After' });
    await ingestOnce(current(), { url: 'https://joined.example/whole', embeds: [whole] });
    const versions = await store.db
      .selectFrom('post_versions as v')
      .innerJoin('posts as p', 'p.id', 'v.post_id')
      .select('v.changes')
      .where('p.post_id', '=', '888')
      .execute();
    const change = { field: 'author.name', before: 'Before', after: 'After' };
    expect(versions.map((version) => version.changes)).toEqual([[change, change]]);
  });
});
