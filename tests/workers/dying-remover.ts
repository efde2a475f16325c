/** Opens the store of DATA_DIR as a server does, takes CAPTURE down, and kills itself before STEP of that: erase, rewrite, mark. */
import { createEraser } from '../../src/store/archive/erase.ts';
import { remove } from '../../src/store/index.ts';
import { loadConfig } from '../../workers/environment.ts';
import { createLog } from '../../workers/log.ts';
import { blobUrl, openWorld } from '../../workers/world.ts';

const config = loadConfig();
const world = await openWorld(config, createLog(config));
const { db, journal, now } = world.store.world;
if (!journal) throw new Error('the embedded default has a journal');

const at = (step: string): void => {
  if (process.env['STEP'] === step) process.kill(process.pid, 'SIGKILL');
};
const erase = createEraser(blobUrl(config), now);
let asked = 0;
await remove(
  { target: { captureId: process.env['CAPTURE'] ?? '' }, reason: 'to be killed in it' },
  {
    db,
    erase: (stored) => {
      at('erase');
      return erase(stored);
    },
    journal: {
      append: (entry) => journal.append(entry),
      check: () => journal.check(),
      checkpoint: () => journal.checkpoint(),
      rewrite: (change) => {
        at('rewrite');
        return journal.rewrite(change);
      },
    },
    now: () => {
      asked += 1;
      // Once for the transaction, then for the mark that all is done.
      if (asked > 1) at('mark');
      return now();
    },
  },
);
await world.close();
