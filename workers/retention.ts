/** Retention by the clock: one process of all, every few hours, by the rules of RETENTION. */
import { setTimeout as sleep } from 'node:timers/promises';
import { sql } from 'kysely';
import { parseRetention } from '../src/retention-rules.ts';
import { createEraser } from '../src/store/archive/erase.ts';
import { retain, type Store } from '../src/store/index.ts';
import { blobUrl, type World } from './world.ts';

export interface RetentionClock {
  stop(): Promise<void>;
}

/** Between two sweeps; what has expired meanwhile waits for the next. */
const EVERY_MS = 6 * 3_600_000;
/** How often a process asks whether it is time; a sweep that was killed is gone on with after so long. */
const LOOK_MS = 600_000;

type Parts = Pick<World, 'config' | 'store' | 'log'>;

/** Nothing to do without rules. */
export function startRetention({ config, store, log }: Parts): RetentionClock {
  const rules = parseRetention(config.RETENTION);
  const stopping = new AbortController();
  const { signal } = stopping;

  async function sweep(): Promise<void> {
    if (!(await claim(store, config.RETENTION))) return;
    const world = { ...store.world, erase: createEraser(blobUrl(config), store.world.now) };
    const found = { expired: 0, held: 0, 'would expire': 0 };
    const lease = createLease(store);
    for await (const { outcome } of retain({ rules }, world)) {
      found[outcome] += 1;
      if (signal.aborted) return;
      await lease.renew();
    }
    await keep(store, EVERY_MS);
    const { expired, held } = found;
    if (expired + held > 0) log.info({ expired, held }, 'retention: captures whose time has come');
  }

  async function run(): Promise<void> {
    while (!signal.aborted) {
      await sweep().catch((err: unknown) => log.error({ err }, 'the retention sweep failed'));
      await sleep(LOOK_MS, undefined, { signal, ref: false }).catch(() => {});
    }
  }

  const running = rules.length > 0 ? run() : Promise.resolve();
  return {
    async stop() {
      stopping.abort();
      await running;
    },
  };
}

const NOTE = 'retention';

/** False where another process has swept, or is at it; other rules than then begin at once. */
async function claim({ db, world }: Store, rules: string): Promise<boolean> {
  const now = world.now();
  const until = new Date(now.getTime() + LOOK_MS).toISOString();
  const { rows } = await sql`
    insert into embedkeep.shared_notes as n (key, text, ends_at)
    values (${NOTE}, ${rules}, ${until}::timestamptz)
    on conflict (key) do update set text = excluded.text, ends_at = excluded.ends_at
      where n.ends_at <= ${now.toISOString()}::timestamptz or n.text <> excluded.text
    returning key`.execute(db);
  return rows.length > 0;
}

function createLease(store: Store) {
  let renewed = performance.now();
  return {
    async renew(): Promise<void> {
      if (performance.now() - renewed < LOOK_MS / 2) return;
      renewed = performance.now();
      await keep(store, LOOK_MS);
    },
  };
}

async function keep({ db, world }: Store, ms: number): Promise<void> {
  const until = new Date(world.now().getTime() + ms).toISOString();
  await sql`update embedkeep.shared_notes set ends_at = ${until}::timestamptz where key = ${NOTE}`.execute(
    db,
  );
}
