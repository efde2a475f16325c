/** What operators have done to an open store; each part is loaded by the first who asks for it. */
import { EmbedkeepError } from '../src/errors.ts';
import type { Archive } from '../src/ledger.ts';
import { parseRetention } from '../src/retention-rules.ts';
import { createEraser } from '../src/store/archive/erase.ts';
import {
  collectGarbage,
  hold,
  listHolds,
  release,
  remove,
  retain,
  type Store,
} from '../src/store/index.ts';
import { noteExport } from '../src/store/note-export.ts';
import type { WarcFiles } from '../src/store/verify-warcs.ts';
import type {
  ReparseAnswer,
  ReparseOrder,
  RetentionAnswer,
  RetentionOrder,
  Upkeep,
} from '../src/upkeep.ts';
import { openWarcs } from './warcs.ts';

export interface UpkeepParts {
  readonly store: Pick<Store, 'world'>;
  readonly archive: Pick<Archive, 'read'>;
  readonly blobUrl: string;
  readonly parseTimeoutMs: number;
  /** Rules where an order gives none. */
  readonly retention?: string;
}

export const upkeepOf = (parts: UpkeepParts): Upkeep => ({
  ...takedowns(parts),
  reparse: (order) => reparse(order, parts),
  noteExport: (note) => noteExport(note, parts.store.world),
  retain: (order) => retainBy(order, parts),
  async backup(dir) {
    const { backup } = await import('../src/store/backup.ts');
    const { world } = parts.store;
    return await withWarcs(parts, (warcs) => backup({ world, warcs, dir }));
  },
  async collectGarbage({ dryRun = false }) {
    const { viewOf } = await import('../src/store/verify-store.ts');
    const { db, now } = parts.store.world;
    const erase = dryRun ? null : createEraser(parts.blobUrl, now);
    return await withWarcs(parts, (warcs) =>
      collectGarbage({ warcs, view: viewOf(db), now, erase }),
    );
  },
  async verify() {
    const { verifyArchive } = await import('../src/store/verify.ts');
    const { viewOf } = await import('../src/store/verify-store.ts');
    const { db, journal } = parts.store.world;
    return await withWarcs(parts, (warcs) =>
      verifyArchive({
        warcs,
        store: viewOf(db),
        ...(journal && { journal: journal.checkpoint().folder }),
      }),
    );
  },
});

const takedowns = ({
  store: { world },
  blobUrl,
}: UpkeepParts): Pick<Upkeep, 'remove' | 'hold' | 'release' | 'holds'> => ({
  remove: (order) => remove(order, { ...world, erase: createEraser(blobUrl, world.now) }),
  hold: (order) => hold(order, world),
  release: (target) => release(target, world),
  holds: () => listHolds(world),
});

function retainBy(
  { rules, dryRun }: RetentionOrder,
  { store: { world }, blobUrl, retention = '' }: UpkeepParts,
): AsyncIterable<RetentionAnswer> {
  const parsed = parseRetention(rules ?? retention);
  if (parsed.length === 0) {
    const said = 'There are no rules: set RETENTION, or name some, e.g. `default 2y keep 3`.';
    throw new EmbedkeepError('PAYLOAD_INVALID', said);
  }
  const erase = createEraser(blobUrl, world.now);
  return retain({ rules: parsed, ...(dryRun !== undefined && { dryRun }) }, { ...world, erase });
}

/** A thread of its own: pages of the archive must not queue before those that are fetched now. */
async function* reparse(
  order: ReparseOrder,
  { store, archive, blobUrl, parseTimeoutMs }: UpkeepParts,
): AsyncGenerator<ReparseAnswer> {
  const [{ reparse: readAgain }, { createParsePool }, { PARSER_VERSION }] = await Promise.all([
    import('../src/store/reparse.ts'),
    import('../src/parse-pool.ts'),
    import('../src/extract/index.ts'),
  ]);
  const { extract, close } = createParsePool({ timeoutMs: parseTimeoutMs, threads: 1 });
  try {
    const erase = createEraser(blobUrl, store.world.now);
    const world = { ...store.world, archive, extract, parser: PARSER_VERSION, erase };
    yield* readAgain(order, world);
  } finally {
    await close();
  }
}

async function withWarcs<T>(
  { blobUrl }: Pick<UpkeepParts, 'blobUrl'>,
  use: (warcs: WarcFiles) => Promise<T>,
): Promise<T> {
  const warcs = await openWarcs(blobUrl);
  try {
    return await use(warcs);
  } finally {
    warcs.close();
  }
}
