/** What leaves by `GET /v1/export`: under the same filters as the list, and told to the event chain. */
import { createHash } from 'node:crypto';
import { request } from 'node:http';
import { afterAll, beforeAll, expect, test } from 'vitest';
import { describeStores, ingestOnce, tweet } from '../store/stores.ts';
import { startApi, type World } from './world.ts';

describeStores('an export', (current) => {
  let world: World;
  beforeAll(async () => {
    const endless = {
      mediaType: 'application/octet-stream',
      schema: 'none',
      async *of() {
        for (;;) yield await Promise.resolve(Buffer.alloc(256 * 1024));
      },
    };
    world = await startApi(current(), { formats: { endless } });
    const pages = [
      {
        url: 'https://a.example/1',
        embeds: [
          tweet({
            id: '11',
            handle: 'anna',
            name: 'Anna Example',
            date: '2022-01-05',
            text: 'The harbour opens',
          }),
        ],
      },
      {
        url: 'https://b.example/2',
        embeds: [
          tweet({
            id: '12',
            handle: 'bert',
            name: 'Bert Example',
            date: '2023-02-06',
            text: 'The tram is late',
          }),
        ],
      },
      {
        url: 'https://b.example/3',
        embeds: [
          tweet({
            id: 'i3',
            platform: 'instagram',
            handle: 'cora',
            name: 'Cora Example',
            date: '2024-03-07',
            text: 'Lunch',
          }),
        ],
      },
    ];
    for (const page of pages) await ingestOnce(current(), page);
  });
  afterAll(() => world.close());

  const told = async () => {
    const rows = await current()
      .store.db.selectFrom('events')
      .select('body')
      .where('kind', '=', 'exported')
      .orderBy('seq')
      .execute();
    return rows.map(({ body }) => JSON.parse(body).detail);
  };

  test.each([
    ['platform=instagram', ['i3']],
    ['handle=@ANNA', ['11']],
    ['author=bert', ['12']],
    ['from=2023-01-01', ['12', 'i3']],
    ['to=2023-12-31', ['11', '12']],
    ['articleHost=b.example', ['12', 'i3']],
    ['q=harbour', ['11']],
    ['articleHost=b.example&platform=x&from=2023-02-06&to=2023-02-06', ['12']],
  ])('under %s gives what the list gives', async (filter, ids) => {
    const listed = (await world.call(`/v1/posts?${filter}`)).json.items;
    expect(listed.map((post: { postId: string }) => post.postId).toSorted()).toEqual(ids);
    const lines = (await world.call(`/v1/export?${filter}`)).text.trim().split('\n');
    expect(lines.map((line) => JSON.parse(line).post.postId).toSorted()).toEqual(ids);
    const csv = (await world.call(`/v1/export?format=csv&${filter}`)).text.trim().split('\r\n');
    expect(csv).toHaveLength(ids.length + 1);
  });

  test('refuses a filter that it does not know, instead of giving everything', async () => {
    expect((await world.call('/v1/export?host=a.example')).status).toBe(400);
  });

  test('is an event with filter, format, numbers and the digest of what was sent', async () => {
    const { text, headers } = await world.call('/v1/export?format=csv&handle=anna');
    expect(headers['embedkeep-export-schema']).toBe('embedkeep.posts/2');
    expect((await told()).at(-1)).toEqual({
      ...{ format: 'csv', schema: 'embedkeep.posts/2', filter: { handle: 'anna' } },
      ...{ posts: 1, captures: null, bytes: Buffer.byteLength(text), isComplete: true },
      sha256: createHash('sha256').update(text).digest('hex'),
    });
  });

  test('that was broken off says so, without a digest', async () => {
    const before = (await told()).length;
    await new Promise<void>((resolve) => {
      const asked = request(`${world.origin}/v1/export?format=endless`, (answer) => {
        answer.once('data', () => {
          asked.destroy();
          resolve();
        });
        answer.on('error', () => undefined);
      });
      asked.end();
    });
    await expect.poll(async () => (await told()).length, { timeout: 20_000 }).toBe(before + 1);
    const last = (await told()).at(-1);
    expect(last).toMatchObject({ format: 'endless', isComplete: false, sha256: null });
    expect(last.bytes).toBeGreaterThan(0);
  });
});
