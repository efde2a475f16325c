/** The chain of events: gapless, one link a transaction, every link recomputable from what is kept. */
import { sql } from 'kysely';
import { expect, test } from 'vitest';
import { appendLink, GENESIS, linkHash, readChainHead } from '../../src/store/event-chain.ts';
import { describeStores, ingestOnce, order, tweet } from './stores.ts';

describeStores('the event chain', (current) => {
  const recomputed = async () => {
    const { rows } = await sql<{
      n: number;
      at: string;
      hash: string;
      bodies: string[];
      seqs: number[];
    }>`
      select l.n, l.at, l.hash, array_agg(e.body order by e.seq) as bodies,
        json_agg(e.seq order by e.seq) as seqs
      from embedkeep.chain_links l join embedkeep.events e on e.link = l.n
      group by l.n, l.at, l.hash order by l.n`.execute(current().store.db);
    let hash = GENESIS;
    for (const { n, at, bodies } of rows) hash = linkHash(hash, { n, at, bodies });
    return { hash, rows };
  };

  test('links every committed batch, without a gap, up to the head', async () => {
    const { store, pass } = current();
    await order(store, 'https://chain.example/1', 'https://chain.example/2', 'bad');
    pass(1000);
    await ingestOnce(current(), { url: 'https://chain.example/3', embeds: [tweet({ id: '7' })] });
    const head = await readChainHead(store.db);
    const { hash, rows } = await recomputed();
    expect(rows.map((row) => row.hash).at(-1)).toBe(head.hash);
    expect(hash).toBe(head.hash);
    expect(head).toMatchObject({ links: 3, events: 5 });
    expect(rows.flatMap((row) => row.seqs)).toEqual([1, 2, 3, 4, 5]);
    const kinds = rows.flatMap((row) => row.bodies.map((body) => JSON.parse(body).kind));
    expect(kinds).toEqual(['accepted', 'accepted', 'accepted', 'captured', 'seen']);
  });

  test('holds through writers at the same time', async () => {
    const { store } = current();
    const before = await readChainHead(store.db);
    await Promise.all(
      Array.from({ length: 20 }, (_, n) => order(store, `https://chain.example/many/${n}`)),
    );
    const head = await readChainHead(store.db);
    expect(head.links - before.links).toBe(20);
    expect((await recomputed()).hash).toBe(head.hash);
  });

  test('has no link of a transaction that was rolled back', async () => {
    const { store, now } = current();
    const before = await readChainHead(store.db);
    const undone = store.db.transaction().execute(async (trx) => {
      const link = {
        events: [{ kind: 'exported' as const }],
        now: now(),
        deed: { op: 'note' as const },
      };
      await appendLink(trx, link, null);
      throw new Error('undone');
    });
    await expect(undone).rejects.toThrow('undone');
    expect(await readChainHead(store.db)).toEqual(before);
  });

  test('names no words of a page: those must stay removable', async () => {
    const { store } = current();
    const text = 'Words that must be removable';
    const url = 'https://chain.example/words';
    await ingestOnce(current(), { url, embeds: [tweet({ id: '8', text })] });
    await ingestOnce(current(), {
      url,
      force: true,
      embeds: [tweet({ id: '8', text: `${text}!` })],
    });
    const { rows } = await sql<{ body: string }>`select body from embedkeep.events`.execute(
      store.db,
    );
    expect(rows.some((row) => row.body.includes('"changed"'))).toBe(true);
    expect(rows.filter((row) => row.body.includes('removable'))).toEqual([]);
  });
});
