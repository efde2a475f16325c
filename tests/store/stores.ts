/** The same suite on both backends, and the things a store is given in tests. */
import { mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, beforeAll, describe } from 'vitest';
import { checkOrders } from '../../src/article-url.ts';
import type { Embed } from '../../src/embed.ts';
import type { Answer, Claim } from '../../src/ledger.ts';
import { PGLITE_FOLDER } from '../../src/store/connect.ts';
import { openStore, type Store } from '../../src/store/index.ts';
import { preparePGlite } from '../support/pglite-template.ts';
import { describeWith, type Postgres, startPostgres } from '../support/services.ts';
import { extractionOf, keptOf } from './made.ts';

export { extractionOf, keptOf, tweet } from './made.ts';

export interface TestStore {
  readonly store: Store;
  readonly backend: 'pglite' | 'postgres';
  /** Null on PGlite. */
  readonly databaseUrl: string | null;
  /** Moves the store's clock. */
  pass(milliseconds: number): void;
  now(): Date;
}

/** The suite on PGlite alone, for what asks the store nothing that other tests don't ask on both. */
export function describeOnPGlite(name: string, suite: (current: () => TestStore) => void): void {
  describe(`${name} on PGlite`, () => hosted(suite, null));
}

/** Runs the suite on PGlite and, where it is installed, on Postgres; `current()` is only there inside tests. */
export function describeStores(name: string, suite: (current: () => TestStore) => void): void {
  describeOnPGlite(name, suite);
  describeWith(['postgres'], `${name} on Postgres`, () => {
    let postgres: Postgres | undefined;
    beforeAll(async () => {
      postgres = await startPostgres();
    });
    // After-hooks run last-in first-out: whoever opened first is closed last.
    afterAll(() => postgres?.stop());
    hosted(suite, async () => (await postgres?.createDatabase()) ?? '');
  });
}

function hosted(
  suite: (current: () => TestStore) => void,
  database: (() => Promise<string>) | null,
): void {
  let current: TestStore | undefined;
  let dataDir: string;
  let clock = Date.parse('2026-03-01T12:00:00.000Z');
  const now = () => new Date(clock);
  beforeAll(async () => {
    dataDir = await mkdtemp(join(tmpdir(), 'embedkeep-store-'));
    const databaseUrl = database ? await database() : null;
    if (!databaseUrl) await preparePGlite(dataDir);
    const store = await openStore({ dataDir, now, ...(databaseUrl && { databaseUrl }) });
    const pass = (milliseconds: number) => {
      clock += milliseconds;
    };
    const backend = databaseUrl ? 'postgres' : 'pglite';
    current = { store, backend, databaseUrl, pass, now };
  });
  afterAll(async () => {
    await current?.store.close();
    await rm(dataDir, { recursive: true, force: true });
  });
  suite(() => {
    if (!current) throw new Error('only inside a test');
    return current;
  });
}

/**
 * What `rebuildStore` does, with a database that is already there, but empty: making one takes five seconds.
 * tests/store/journal has the real one.
 */
export async function fromJournal(dataDir: string, now: () => Date): Promise<Store> {
  await rm(join(dataDir, PGLITE_FOLDER), { recursive: true });
  await preparePGlite(dataDir);
  return openStore({ dataDir, now });
}

export const HOUR = 3_600_000;

export const order = (store: Store, ...orders: unknown[]): Promise<Answer[]> =>
  store.ledger.accept(checkOrders(orders));

/** One URL accepted and claimed. */
export async function orderAndClaim(
  { store, now }: TestStore,
  url: unknown,
): Promise<{ claim: Claim; answer: Answer }> {
  const [answer] = await order(store, url);
  const claim = await store.ledger.claim(answer?.runId ?? '', now());
  if (!answer || !claim) throw new Error('not claimed');
  return { claim, answer };
}

/** Accepts, claims and finishes one URL with these embeds. */
export async function ingestOnce(
  current: TestStore,
  what: {
    url: string;
    embeds: readonly Embed[];
    force?: boolean;
    parser?: string;
    truncated?: string;
  },
): Promise<{ captureId: string; newPosts: number; articleId: string; runId: string }> {
  const { claim } = await orderAndClaim(current, { url: what.url, force: what.force ?? false });
  const kept = keptOf(what.url, current.now().toISOString());
  const counts = await current.store.ledger.finish(claim, kept, {
    ...extractionOf(what.embeds, what.parser),
    truncated: what.truncated ?? null,
  });
  return { ...counts, articleId: claim.run.articleId, runId: claim.run.id };
}
