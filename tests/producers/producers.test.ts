/** Producers that import nothing of embedkeep: a bare BullMQ queue, curl, Python's standard library, the shell. */
import { execFile } from 'node:child_process';
import { mkdtemp, readFile, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { promisify } from 'node:util';
import { Queue } from 'bullmq';
import { afterAll, beforeAll, describe, expect, test, vi } from 'vitest';
import { ARTICLE_QUEUE, INTAKE_QUEUE, intakeJobSchema } from '../../src/article-job.ts';
import { jsonSchemas } from '../../src/json-schemas.ts';
import type { ArticleRow, Page } from '../../src/reader.ts';
import { type Embedkeep, startEmbedkeep } from '../support/embedkeep.ts';
import { preparePGlite } from '../support/pglite-template.ts';
import { describeWith, findProgram, type Redis, startRedis } from '../support/services.ts';
import { type Site, startSite } from '../support/site.ts';

const run = promisify(execFile);
const root = join(import.meta.dirname, '../..');
const until = (holds: () => Promise<unknown>) =>
  vi.waitFor(
    async () => {
      if (!(await holds())) throw new Error(`not yet: ${holds}`);
    },
    { timeout: 60_000, interval: 100 },
  );

test.each(Object.entries(jsonSchemas()))(
  'schemas/%s says what the code takes',
  async (name, schema) => {
    const committed = JSON.parse(await readFile(join(root, 'schemas', name), 'utf8'));
    // Otherwise: node scripts/build-schemas.ts
    expect(committed).toEqual(JSON.parse(JSON.stringify(schema)));
  },
);

test('the README shows a job that the contract takes', async () => {
  const readme = await readFile(join(root, 'README.md'), 'utf8');
  const [, job = ''] = /\n(\{ "v": 1.*\})\n/.exec(readme) ?? [];
  expect(intakeJobSchema.parse(JSON.parse(job))).toMatchObject({ v: 1 });
});

interface Place {
  readonly server: Embedkeep;
  readonly site: Site;
  close(): Promise<void>;
}

async function open(settings: Record<string, string>): Promise<Place> {
  const dir = await mkdtemp(join(tmpdir(), 'embedkeep-producers-'));
  await preparePGlite(dir);
  const site = await startSite();
  const server = await startEmbedkeep({
    DATA_DIR: dir,
    ALLOW_PRIVATE_HOSTS: site.host,
    ...settings,
  });
  return {
    server,
    site,
    async close() {
      await server.end('SIGTERM');
      await site.close();
      await rm(dir, { recursive: true, force: true });
    },
  };
}

describeWith(['redis'], 'a bare BullMQ queue', () => {
  let redis: Redis;
  let place: Place;
  let raw: Queue;
  let articles: Queue;
  beforeAll(async () => {
    redis = await startRedis({ appendonly: true });
    place = await open({ REDIS_URL: redis.url });
    const connection = { url: redis.url };
    raw = new Queue(INTAKE_QUEUE, { connection });
    articles = new Queue(ARTICLE_QUEUE, { connection });
  });
  afterAll(async () => {
    await Promise.all([raw.close(), articles.close()]);
    await place.close();
    await redis.stop();
  });
  const produce = async (name: string, ...jobs: object[]): Promise<string[]> => {
    const script = join(import.meta.dirname, 'bare-producer.mjs');
    const env = { PATH: process.env['PATH'], REDIS_URL: redis.url };
    const { stdout } = await run(process.execPath, [script, name, JSON.stringify(jobs)], { env });
    return JSON.parse(stdout) as string[];
  };

  test('has its orders taken in, the bad one refused by name, and gets the answer as the result', async () => {
    const [good, bad, odd] = await produce(
      INTAKE_QUEUE,
      { v: 1, url: `${place.site.origin}/raw`, reference: 'raw-1', tags: ['raw'] },
      { v: 1, url: 'not a URL' },
      { v: 1, link: `${place.site.origin}/other` },
    );
    await until(async () => (await raw.getJobState(good ?? '')) === 'completed');
    expect((await raw.getJob(good ?? ''))?.returnvalue).toMatchObject({ status: 'accepted' });
    await until(async () => (await raw.getJobState(bad ?? '')) === 'failed');
    expect((await raw.getJob(bad ?? ''))?.failedReason).toContain('URL_INVALID');
    await until(async () => (await raw.getJobState(odd ?? '')) === 'failed');
    expect((await raw.getJob(odd ?? ''))?.failedReason).toContain('PAYLOAD_INVALID');
    const listed = () => place.server.get<Page<ArticleRow>>('/v1/articles?reference=raw-1');
    await until(async () => (await listed()).items[0]?.run.state === 'done');
    expect((await listed()).items[0]?.run.tags).toEqual(['raw']);
  });

  test('of a newer version is left alone on both queues, neither failed nor completed', async () => {
    const url = `${place.site.origin}/from-the-future`;
    const [order] = await produce(INTAKE_QUEUE, { v: 2, url, region: 'north' });
    const [work] = await produce(ARTICLE_QUEUE, { v: 2, run: 'r1', url });
    await until(async () => (await raw.getJobState(order ?? '')) === 'delayed');
    await until(async () => (await articles.getJobState(work ?? '')) === 'delayed');
    const [orderJob, workJob] = [await raw.getJob(order ?? ''), await articles.getJob(work ?? '')];
    expect([orderJob?.attemptsMade, workJob?.attemptsMade]).toEqual([0, 0]);
    expect(place.site.asked).not.toContain('/from-the-future');
  });
});

const shells = ['sh', 'curl', 'python3'].map(findProgram);
describe.skipIf(shells.includes(null))('the examples, as they stand', () => {
  let place: Place;
  beforeAll(async () => {
    place = await open({ API_TOKENS: 'example-token' });
  });
  afterAll(() => place.close());
  const example = async (program: string, args: readonly string[]): Promise<string> => {
    const env = {
      PATH: process.env['PATH'],
      HOME: process.env['HOME'],
      SERVER: place.server.address,
      EMBEDKEEP_SERVER: place.server.address,
      TOKEN: 'example-token',
      API_TOKENS: 'example-token',
      EMBEDKEEP: `${process.execPath} ${join(root, 'bin/embedkeep.mjs')}`,
    };
    const { stdout } = await run(program, args, { env, cwd: root, timeout: 120_000 });
    return stdout;
  };
  const urls = (name: string) => [1, 2].map((n) => `${place.site.origin}/${name}-${n}`);

  test('curl.sh orders twice under one key, waits and reads the embeds', async () => {
    const said = await example('sh', ['examples/curl.sh', ...urls('curl')]);
    const [answers, listed, article] = said
      .trim()
      .split('\n')
      .map((line) => JSON.parse(line));
    expect(answers).toMatchObject({ accepted: 2, known: 0, refused: 0 });
    expect(listed.items.map((one: ArticleRow) => one.run.state)).toEqual(['done', 'done']);
    expect(article.embeds).toMatchObject([{ platform: 'x', author: { handle: 'miraholt' } }]);
  });

  test('producer.py does so with the standard library', async () => {
    const said = await example('python3', ['examples/producer.py', ...urls('python')]);
    const rows = said
      .trim()
      .split('\n')
      .map((line) => line.split('\t'));
    expect(rows.map(([, platform, , handle, date]) => [platform, handle, date])).toEqual([
      ['x', 'miraholt', '2021-08-28'],
      ['x', 'miraholt', '2021-08-28'],
    ]);
  });

  test('batch.sh does so with the command line', async () => {
    const file = join(await mkdtemp(join(tmpdir(), 'embedkeep-urls-')), 'urls.txt');
    await writeFile(file, `# a batch\n${urls('shell').join('\n')}\n`);
    const said = await example('sh', ['examples/batch.sh', file]);
    expect(said).toContain('2 accepted');
    expect(said.match(/miraholt/g)).toHaveLength(2);
    await rm(join(file, '..'), { recursive: true });
  });
});
