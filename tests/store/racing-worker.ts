/** A process of open.test.ts: claims and finishes every run it is given, in its own order; tells how often it won and lost. */
import { EmbedkeepError } from '../../src/errors.ts';
import { openStore } from '../../src/store/index.ts';
import { extractionOf, keptOf, tweet } from './made.ts';

const [databaseUrl = '', seed = '0', ...runIds] = process.argv.slice(2);
const store = await openStore({ databaseUrl, dataDir: '' });
const tally = { finished: 0, lost: 0, settled: 0 };
const embeds = ['1', '2', '3', '4'].map((id) => tweet({ id }));

async function work(runId: string): Promise<void> {
  const claim = await store.ledger.claim(runId, new Date());
  if (!claim) {
    tally.settled += 1;
    return;
  }
  const kept = keptOf(claim.run.url, new Date().toISOString());
  const shuffled = Number(seed) % 2 ? embeds.toReversed() : embeds;
  try {
    await store.ledger.finish(claim, kept, extractionOf(shuffled));
    tally.finished += 1;
  } catch (thrown) {
    if (!(thrown instanceof EmbedkeepError) || thrown.code !== 'LOCK_LOST') throw thrown;
    tally.lost += 1;
  }
}

// Some at a time, so that processes overlap on the same runs.
const mine = [...runIds];
await Promise.all(
  [0, 1, 2, 3].map(async () => {
    for (let runId = mine.shift(); runId; runId = mine.shift()) await work(runId);
  }),
);
await store.close();
console.log(JSON.stringify(tally));
