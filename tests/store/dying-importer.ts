/** Imports FILE into the store of DATA_DIR or DATABASE_URL and kills itself before its nth (AT) write of a capture's bytes or of a journal's link. */
import { join } from 'node:path';
import { pathToFileURL } from 'node:url';
import { createEraser } from '../../src/store/archive/erase.ts';
import { openRepository } from '../../src/store/archive/index.ts';
import { importFile, openStore } from '../../src/store/index.ts';

const { FILE = '', DATA_DIR: dataDir = '', DATABASE_URL: databaseUrl, STEP, AT } = process.env;
let count = 0;
const at = (step: string): void => {
  if (step !== STEP) return;
  count += 1;
  if (count === Number(AT)) process.kill(process.pid, 'SIGKILL');
};

const store = await openStore({ dataDir, databaseUrl });
const { href: url } = pathToFileURL(join(dataDir, 'warc'));
const repository = await openRepository({ url });
const { journal } = store.world;
await importFile(FILE, {
  ...store.world,
  erase: createEraser(url, store.world.now),
  repository: {
    append: (members) => {
      at('bytes');
      return repository.append(members);
    },
  },
  journal: journal && {
    append: (entry) => {
      at('link');
      return journal.append(entry);
    },
    check: () => journal.check(),
    checkpoint: () => journal.checkpoint(),
    rewrite: (change) => journal.rewrite(change),
  },
});
await repository.close();
await store.close();
