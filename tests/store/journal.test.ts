/** The journal and what it is for: PGlite's files may be lost in a power cut, what was acknowledged may not. */
import {
  appendFile,
  cp,
  mkdtemp,
  readdir,
  readFile,
  rm,
  stat,
  truncate,
  writeFile,
} from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { sql } from 'kysely';
import { afterEach, beforeEach, describe, expect, test } from 'vitest';
import { toFailure } from '../../src/errors.ts';
import { readChainHead } from '../../src/store/event-chain.ts';
import { openStore, rebuildStore, reparse, type Store } from '../../src/store/index.ts';
import { openJournal } from '../../src/store/journal.ts';
import type { JournalEntry } from '../../src/store/journal-entry.ts';
import { preparePGlite } from '../support/pglite-template.ts';
import { extractionOf, ingestOnce, order, orderAndClaim, type TestStore, tweet } from './stores.ts';

let dir: string;
beforeEach(async () => {
  dir = await mkdtemp(join(tmpdir(), 'embedkeep-journal-'));
});
afterEach(() => rm(dir, { recursive: true, force: true }));

const entry = (n: number, note = ''): JournalEntry => ({
  n,
  at: '2026-01-01T00:00:00.000Z',
  hash: `h${n}`,
  bodies: [`{"note":"${note}"}`],
  deed: { op: 'note' },
});

describe('a journal', () => {
  const file = () => join(dir, '000001.jsonl');
  const numbers = async (): Promise<number[]> => {
    const journal = await openJournal(dir);
    try {
      const found: number[] = [];
      for await (const one of journal.entries()) found.push(one.n);
      expect(journal.last?.n ?? null).toBe(found.at(-1) ?? null);
      return found;
    } finally {
      await journal.close();
    }
  };
  const write = async (...entries: JournalEntry[]) => {
    const journal = await openJournal(dir);
    for (const one of entries) await journal.append(one);
    await journal.close();
  };

  test('cut anywhere keeps every whole line and goes on after it', async () => {
    await write(entry(1), entry(2, 'ü'), entry(3));
    const whole = await readFile(file());
    const ends = [...whole.keys()].filter((at) => whole[at] === 10).map((at) => at + 1);
    for (let length = 0; length <= whole.length; length += 7) {
      await writeFile(file(), whole);
      await truncate(file(), length);
      const kept = ends.filter((end) => end <= length).length;
      expect(await numbers()).toEqual([1, 2, 3].slice(0, kept));
      expect((await stat(file())).size).toBe(ends[kept - 1] ?? 0);
      await write(entry(kept + 1));
      expect(await numbers()).toEqual([1, 2, 3, 4].slice(0, kept + 1));
    }
  });

  test('with rubbish or zeros after its end is cut back to its last whole line', async () => {
    await write(entry(1));
    for (const rubbish of ['\0'.repeat(5000), 'deadbeef {"n":2}\n', '\n\n', 'x']) {
      await appendFile(file(), rubbish);
      expect(await numbers()).toEqual([1]);
    }
  });

  test('damaged in the middle says so instead of leaving lines out', async () => {
    await write(entry(1, 'aaaa'), entry(2), entry(3));
    const text = await readFile(file(), 'utf8');
    await writeFile(file(), text.replace('aaaa', 'aaab'));
    await expect(numbers()).rejects.toMatchObject({
      code: 'EVIDENCE_DAMAGED',
      detail: { file: '000001.jsonl', line: 1 },
    });
  });

  test('goes over segments, and a link written twice counts as it was written last', async () => {
    const journal = await openJournal(dir, { segmentBytes: 150 });
    for (const one of [entry(1), entry(2, 'failed'), entry(2, 'done'), entry(3)]) {
      await journal.append(one);
    }
    await journal.close();
    expect((await readdir(dir)).length).toBeGreaterThan(1);
    expect(await numbers()).toEqual([1, 2, 3]);
    const again = await openJournal(dir);
    for await (const one of again.entries()) {
      if (one.n === 2) expect(one.bodies[0]).toContain('done');
    }
    await again.close();
  });
});

describe('an embedded store', () => {
  beforeEach(() => preparePGlite(dir));

  let clock = Date.parse('2026-03-01T12:00:00.000Z');
  const now = () => new Date(clock);
  const open = () => openStore({ dataDir: dir, now });
  const asTest = (store: Store): TestStore => ({
    store,
    now,
    backend: 'pglite',
    databaseUrl: null,
    pass: (milliseconds) => {
      clock += milliseconds;
    },
  });

  /** Everything a reader could see, but for counters of unfinished runs. */
  const contents = async (store: Store) => {
    const rows = async (query: string) => (await sql.raw(query).execute(store.db)).rows;
    return {
      head: await readChainHead(store.db),
      articles: await rows('select * from embedkeep.articles order by seq'),
      runs: await rows(`select id, article_id, state, reason, priority, tags, refs, failure, error_code,
        capture_id, accepted_at, finished_at from embedkeep.runs order by seq`),
      captures: await rows('select * from embedkeep.captures order by seq'),
      posts: await rows('select * from embedkeep.posts order by platform, post_id'),
      sightings: await rows('select * from embedkeep.sightings order by id'),
      versions: await rows('select * from embedkeep.post_versions order by id'),
      events: await rows('select * from embedkeep.events order by seq'),
      links: await rows('select * from embedkeep.chain_links order by n'),
    };
  };

  const fill = async (store: Store) => {
    const current = asTest(store);
    const url = 'https://kept.example/a';
    await ingestOnce(current, {
      url,
      embeds: [tweet({ id: null }), tweet({ id: '2', text: 'a\0b' })],
    });
    current.pass(1000);
    await ingestOnce(current, { url, force: true, embeds: [tweet({ id: '2', text: 'Edited' })] });
    current.pass(1000);
    await ingestOnce(current, { url: 'https://kept.example/b', embeds: [tweet({ id: '1' })] });
    const { claim } = await orderAndClaim(current, 'https://kept.example/gone');
    await store.ledger.fail(claim, { ...toFailure(new Error('x')), code: 'GONE' });
    await store.ledger.retry({ code: 'GONE' });
    const { claim: hopeless } = await orderAndClaim(current, 'https://kept.example/hopeless');
    await store.ledger.fail(hopeless, { ...toFailure(new Error('x')), code: 'SOFT_404' });
    expect(await store.ledger.drop({ code: 'SOFT_404' })).toMatchObject([{ state: 'dropped' }]);
    await order(store, { url: 'https://kept.example/open', tags: ['a'], reference: 'r' }, 'bad');
    await order(store, { url: 'https://kept.example/open', tags: ['b'] });
    const world = {
      ...store.world,
      parser: '2',
      archive: { read: () => Promise.resolve(new Uint8Array()) },
      extract: () => Promise.resolve(extractionOf([tweet({ id: '3', text: 'Read anew' })], '2')),
    };
    for await (const one of reparse({}, world)) expect(one.failure).toBeNull();
  };

  test('made again from the journal alone is the same store, row for row', {
    timeout: 120_000,
  }, async () => {
    const store = await open();
    await fill(store);
    const before = await contents(store);
    expect(before.versions).toHaveLength(1);
    await store.close();
    const rebuilt = await rebuildStore({ dataDir: dir, now });
    expect(await contents(rebuilt)).toEqual(before);
    expect((await readdir(dir)).some((name) => name.startsWith('pglite.replaced-'))).toBe(true);
    await order(rebuilt, 'https://kept.example/after');
    await rebuilt.close();
    const third = await open();
    expect(third.replayed).toBe(0);
    expect((await third.reader.articles({})).items[0]?.url).toBe('https://kept.example/after');
    await third.close();
  });

  test('whose database fell behind in a power cut is brought level when it is opened', async () => {
    const store = await open();
    await order(store, 'https://kept.example/early');
    await store.close();
    await cp(join(dir, 'pglite'), join(dir, 'before-the-cut'), { recursive: true });
    const again = await open();
    await fill(again);
    const acknowledged = await contents(again);
    await again.close();
    await rm(join(dir, 'pglite'), { recursive: true });
    await cp(join(dir, 'before-the-cut'), join(dir, 'pglite'), { recursive: true });
    const after = await open();
    expect(after.replayed).toBeGreaterThan(5);
    expect(await contents(after)).toEqual(acknowledged);
    await after.close();
  });

  test('whose journal cannot be written acknowledges nothing and goes on once it can', async () => {
    const store = await open();
    await order(store, 'https://kept.example/1');
    const { journal } = store.world;
    if (!journal) throw new Error('no journal');
    const append = journal.append;
    const failing = { code: 'STORE_FULL' };
    journal.append = () => Promise.reject(failing);
    await expect(order(store, 'https://kept.example/2')).rejects.toBe(failing);
    journal.append = append;
    expect((await store.reader.articles({})).items).toHaveLength(1);
    const [answer] = await order(store, 'https://kept.example/2');
    expect(answer?.status).toBe('accepted');
    await store.close();
  });

  test('refuses a journal that tells another story', async () => {
    const store = await open();
    await order(store, 'https://kept.example/1');
    await store.close();
    const journal = await openJournal(join(dir, 'journal'));
    const { last } = journal;
    if (!last) throw new Error('empty');
    await journal.append({ ...last, n: 2, bodies: ['{"kind":"accepted"}'] });
    await journal.close();
    await expect(open()).rejects.toMatchObject({ code: 'EVIDENCE_DAMAGED' });
  });
});
