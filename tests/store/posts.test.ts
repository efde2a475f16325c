/** Posts, sightings, versions and what readers find; the same on both backends. */
import { describe, expect, test } from 'vitest';
import type { Embed } from '../../src/embed.ts';
import { asReadBefore } from './made.ts';
import {
  describeStores,
  extractionOf,
  HOUR,
  ingestOnce,
  keptOf,
  orderAndClaim,
  tweet,
} from './stores.ts';

let pages = 0;
const newUrl = (host = 'news.example') => `https://${host}/posts/${++pages}`;

let ids = 0;
const newId = () => String(1_500_000_000_000_000_000n + BigInt(++ids));

describeStores('posts', (current) => {
  const find = async (filter: object) => (await current().store.reader.posts(filter)).items;
  const see = (embeds: Embed[], url = newUrl()) =>
    ingestOnce(current(), { url, embeds, force: true });

  describe('what is kept', () => {
    test('comes back as it was extracted, with its articles', async () => {
      const id = newId();
      const embed = tweet({ id, media: ['pic.twitter.com/abc'] });
      const first = await see([embed]);
      await see([embed]);
      const detail = await current().store.reader.post('x', id);
      expect(detail?.post).toMatchObject({ postId: id, text: embed.text, articles: 2 });
      expect(detail?.sightings.at(-1)).toMatchObject({ captureId: first.captureId, embed });
      const article = await current().store.reader.article(first.articleId);
      expect(article?.embeds).toEqual([embed]);
      expect(first.newPosts).toBe(1);
    });

    test('of a comment stands beside its thread and its neighbours, whichever parser named it', async () => {
      const postId = `t${newId()}`;
      const about = { platform: 'reddit', id: postId, text: null };
      const thread = tweet(about);
      const first = tweet({ ...about, commentId: 'leevgp2', handle: 'first' });
      const second = tweet({ ...about, commentId: 'leewq7k', handle: 'second' });
      expect((await see([thread, first, second])).newPosts).toBe(3);
      const before = await see([asReadBefore(first)]);
      expect(before.newPosts).toBe(0);
      const article = await current().store.reader.article(before.articleId);
      expect(article?.embeds).toEqual([first]);

      const { reader } = current().store;
      const comment = await reader.post('reddit', `${postId}/leevgp2`);
      expect(comment?.post).toMatchObject({ postId, commentId: 'leevgp2', articles: 2 });
      expect(comment?.sightings.map(({ embed }) => embed)).toEqual([first, first]);
      expect((await reader.post('reddit', postId))?.post).toMatchObject({
        ...{ postId, commentId: null, articles: 1 },
        author: { handle: 'jane_roe' },
      });
    });

    test('is well-formed text without NUL, whatever the page says', async () => {
      const id = newId();
      await see([tweet({ id, text: 'a\0b\ud800c', name: '\udc00Jane' })]);
      const detail = await current().store.reader.post('x', id);
      expect(detail?.post).toMatchObject({ text: 'ab\ufffdc', author: { name: '\ufffdJane' } });
    });

    test('a page with the same post as embed and as citation has it once, as embed', async () => {
      const id = newId();
      const { captureId } = await see([tweet({ id, role: 'citation', text: null }), tweet({ id })]);
      const detail = await current().store.reader.post('x', id);
      expect(detail?.sightings.map((one) => [one.captureId, one.embed.role])).toEqual([
        [captureId, 'embed'],
      ]);
    });

    test('an odd id, handle or date cannot spoil the page', async () => {
      const embeds = [
        tweet({ id: 'x'.repeat(5000), handle: 'h'.repeat(5000), date: 'yesterday' }),
        tweet({ id: "o'brien\\", text: "'); drop table posts; --" }),
      ];
      const { captureId } = await see(embeds);
      const capture = await current().store.reader.capture(captureId);
      const article = await current().store.reader.article(capture?.articleId ?? '');
      expect(article?.embeds).toEqual(embeds);
    });

    test('a newer sighting without text does not take the text away', async () => {
      const id = newId();
      await see([tweet({ id })]);
      current().pass(HOUR);
      await see([tweet({ id, text: null, name: null, date: null, form: 'iframe' })]);
      expect((await current().store.reader.post('x', id))?.post).toMatchObject({
        text: 'The harbour is open again',
        form: 'blockquote',
        author: { name: 'Jane Roe' },
        postedAt: { date: '2022-03-05' },
        lastSeenAt: current().now().toISOString(),
      });
    });
  });

  describe('posts without an id', () => {
    test('are one by platform, handle, date and folded text', async () => {
      const text = `No id here ${newId()}`;
      await see([tweet({ id: null, text })]);
      await see([tweet({ id: null, text: `  ${text.replace(' ', '\n ')}` })]);
      const found = await find({ q: text });
      expect(found).toHaveLength(1);
      expect(found[0]?.postId).toMatch(/^~[0-9a-f]{16}$/);
      expect(found[0]?.articles).toBe(2);
    });

    test('are joined to the id when it appears, and stay joined', async () => {
      const text = `Later with its id ${newId()}`;
      const id = newId();
      await see([tweet({ id: null, text })]);
      await see([tweet({ id, text })]);
      await see([tweet({ id: null, text })]);
      const found = await find({ q: text });
      expect(found.map((post) => [post.postId, post.articles])).toEqual([[id, 3]]);
    });

    test('are not joined where two posts have the same words on one day', async () => {
      const text = `Same words twice ${newId()}`;
      await see([tweet({ id: newId(), text }), tweet({ id: newId(), text })]);
      await see([tweet({ id: null, text })]);
      expect(await find({ q: text })).toHaveLength(3);
    });

    test('that show nothing at all are not taken for one another', async () => {
      const blank = () => tweet({ id: null, text: null, handle: null, date: null, name: null });
      const before = await find({ platform: 'x', limit: 1000 });
      await see([blank(), blank()]);
      await see([blank()]);
      const after = await find({ platform: 'x', limit: 1000 });
      expect(after.length - before.length).toBe(3);
    });
  });

  describe('search', () => {
    const cases: [string, string, string[], string[]][] = [
      [
        'words',
        'The Grand Bazaar reopened',
        ['grand bazaar', 'BAZ', 'reopened the'],
        ['grandeur', 'bazaars'],
      ],
      ['accents', 'Crème brûlée für Zoë', ['creme', 'zoe', 'FÜR'], ['cremes']],
      ['Cyrillic', 'Москва сегодня открыта', ['москва', 'МОСКВА', 'открыт'], ['москвич']],
      ['Greek', 'Η Αθήνα σήμερα', ['αθηνα'], ['αθηναϊκός']],
      [
        'Japanese',
        '今日は東京タワーに行きました',
        ['東京', '東京タワー', '京', 'タワー'],
        ['京都', '東タワー'],
      ],
      ['Chinese', '北京今天下雪了', ['北京', '下雪', '雪'], ['京北', '今雪']],
      ['Thai', 'สวัสดีชาวโลก', ['สวัสดี', 'ชาวโลก'], ['โลกชาว']],
      ['Korean', '서울에서 만나요', ['서울'], ['부산']],
      ['Arabic', 'مَرْحَبًا بالعالم', ['مرحبا'], ['سلام']],
      ['Hindi', 'नमस्ते दुनिया', ['नमस्ते', 'दुनिया'], ['नमक']],
      ['handles', 'by nobody', ['bureau_chief', '@bureau_chief'], ['chief_bureau']],
    ];
    test.each(cases)('finds %s, and only those', async (...[, text, finds, misses]) => {
      const id = newId();
      await see([tweet({ id, text, handle: 'bureau_chief' })]);
      const found = async (q: string) =>
        (await find({ q, limit: 1000 })).some((post) => post.postId === id);
      for (const q of finds) expect([q, await found(q)]).toEqual([q, true]);
      for (const q of misses) expect([q, await found(q)]).toEqual([q, false]);
    });

    test.each(['', '  ', "'", "' & !", ':*', '\\', '😀', '\0', "a' | 'b", '<->', '(((('])(
      'any question is an answerable one: %j',
      async (q) => {
        expect(Array.isArray(await find({ q }))).toBe(true);
      },
    );

    test('by author, by handle in any case and by an earlier handle', async () => {
      const id = newId();
      await see([tweet({ id, handle: 'OldName', name: 'Ástríður Jónsdóttir' })]);
      current().pass(HOUR);
      await see([tweet({ id, handle: 'New_Name', name: 'Ástríður Jónsdóttir' })]);
      for (const handle of ['new_name', '@NEW_NAME', 'oldname', 'OLDNAME']) {
        expect((await find({ handle })).map((post) => post.postId)).toEqual([id]);
      }
      expect((await find({ author: 'jonsdottir' })).map((post) => post.postId)).toEqual([id]);
      expect(await find({ author: 'harbour' })).toEqual([]);
      expect(await find({ handle: 'new' })).toEqual([]);
    });

    test('by platform, date range and article host', async () => {
      const id = newId();
      const host = `h${id}.example`;
      await see([tweet({ id, platform: 'threads', date: '2019-07-01' })], newUrl(host));
      const only = [expect.objectContaining({ postId: id })];
      expect(await find({ articleHost: host })).toEqual(only);
      expect(await find({ articleHost: host, platform: 'x' })).toEqual([]);
      expect(await find({ from: '2019-07-01', to: '2019-07-01' })).toEqual(only);
      expect(await find({ from: '2019-07-02', articleHost: host })).toEqual([]);
      expect(await find({ to: '2019-06-30', articleHost: host })).toEqual([]);
    });
  });

  describe('pages', () => {
    test('show each row once while rows arrive, newest first', async () => {
      const platform = 'mastodon';
      const made: string[] = [];
      for (let n = 0; n < 7; n += 1) {
        made.push(newId());
        await see([tweet({ id: made.at(-1) ?? '', platform })]);
      }
      const walked: string[] = [];
      let cursor: string | undefined;
      do {
        const page = await current().store.reader.posts({
          platform,
          limit: 2,
          ...(cursor && { cursor }),
        });
        walked.push(...page.items.map((post) => post.postId));
        await see([tweet({ id: newId(), platform })]);
        await see([tweet({ id: made[0] ?? '', platform })]); // seen again: stays in its place
        cursor = page.next ?? undefined;
      } while (cursor);
      expect(walked).toEqual(made.toReversed());
    });

    test('of articles likewise; a cursor that was never given is refused', async () => {
      const { store } = current();
      const host = 'paged.example';
      const urls = Array.from({ length: 5 }, () => newUrl(host));
      for (const url of urls) await see([], url);
      const first = await store.reader.articles({ host, limit: 3 });
      await see([], newUrl(host));
      const second = await store.reader.articles({ host, limit: 3, cursor: first.next ?? '' });
      expect([...first.items, ...second.items].map((one) => one.url)).toEqual(urls.toReversed());
      expect(second.next).toBeNull();
      const refused = expect.objectContaining({ code: 'PAYLOAD_INVALID' });
      for (const cursor of ['', 'x', 'bjEuNQ', `${first.next}A`]) {
        await expect(store.reader.articles({ cursor })).rejects.toEqual(refused);
      }
    });
  });

  describe('changes', () => {
    const events = (articleId: string) =>
      current()
        .store.db.selectFrom('events')
        .select('body')
        .where('article_id', '=', articleId)
        .orderBy('seq')
        .execute()
        .then((rows) => rows.map((row) => JSON.parse(row.body)));

    test('are recorded with the field, before and after, and only where both are known', async () => {
      const id = newId();
      await see([tweet({ id, text: 'First words', media: ['pic.twitter.com/a'] })]);
      current().pass(HOUR);
      await see([tweet({ id, text: ' First   words', name: null })]);
      current().pass(HOUR);
      const { articleId } = await see([tweet({ id, text: 'Other words', name: 'Jane R.' })]);
      const versions = await current()
        .store.db.selectFrom('post_versions as v')
        .innerJoin('posts as p', 'p.id', 'v.post_id')
        .select('v.changes')
        .where('p.post_id', '=', id)
        .execute();
      expect(versions.map((version) => version.changes)).toEqual([
        [
          { field: 'text', before: ' First   words', after: 'Other words' },
          { field: 'author.name', before: 'Jane Roe', after: 'Jane R.' },
        ],
      ]);
      const kinds = (await events(articleId)).map((event) => event.kind);
      expect(kinds).toEqual(['accepted', 'captured', 'seen', 'changed']);
    });

    test('an embed that is gone from the next capture is an event and nothing is deleted', async () => {
      const url = newUrl();
      const [a, b] = [newId(), newId()];
      const { articleId } = await see([tweet({ id: a }), tweet({ id: b })], url);
      await see([tweet({ id: b })], url);
      await see([tweet({ id: b })], url);
      const vanished = (await events(articleId)).filter((event) => event.kind === 'vanished');
      expect(vanished).toMatchObject([{ platform: 'x', postId: a }]);
      expect((await current().store.reader.post('x', a))?.sightings).toHaveLength(1);
    });

    test('nothing is called vanished when part of the page was not read', async () => {
      const url = newUrl();
      const { articleId } = await see([tweet({ id: newId() })], url);
      await ingestOnce(current(), { url, embeds: [], force: true, truncated: 'limit' });
      const { claim } = await orderAndClaim(current(), { url, force: true });
      const kept = keptOf(url, current().now().toISOString());
      const capture = { ...kept.capture, truncated: 'time' as const };
      await current().store.ledger.finish(claim, { ...kept, capture }, extractionOf([]));
      expect((await events(articleId)).some((event) => event.kind === 'vanished')).toBe(false);
    });
  });

  test('an export walks over every match with its sightings', async () => {
    const platform = 'tumblr';
    for (let page = 0; page < 5; page += 1) {
      await see(Array.from({ length: 90 }, () => tweet({ id: newId(), platform })));
    }
    const walked: string[] = [];
    for await (const { post, sightings } of current().store.reader.exportPosts({ platform })) {
      expect(sightings).toHaveLength(1);
      walked.push(post.postId);
    }
    expect(walked).toHaveLength(450);
    expect(new Set(walked).size).toBe(450);
  });
});
