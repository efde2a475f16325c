/** Ready means: could finish a job now. What stands in the way is named. */
import type { Desk } from './ingest-desk.ts';
import type { Pressure } from './pressure.ts';
import type { World } from './world.ts';

export interface Readiness {
  readonly ok: boolean;
  readonly problems: readonly string[];
}

const PATIENCE_MS = 2000;

export function readinessOf(world: World, pressure: Pressure, desk: Desk | null) {
  return async (): Promise<Readiness> => {
    const { archive, backend, store } = world;
    const [full, ...parts] = await Promise.all([
      pressure.check(),
      inTime('queue', backend.ping()),
      inTime('store', store.reader.run('-')),
      inTime('journal', store.world.journal?.check()),
      inTime('archive', archive.check()),
    ]);
    const stuck = desk && !parts[1] ? await stuckWork(world) : null;
    const problems = [...parts, full?.reason, stuck, ...(desk?.problems() ?? [])];
    const named = problems.filter((problem) => typeof problem === 'string');
    return { ok: named.length === 0, problems: named };
  };
}

async function inTime(name: string, answer?: Promise<unknown>): Promise<string | null> {
  if (!answer) return null;
  let timer: NodeJS.Timeout | undefined;
  const late = new Promise<string>((resolve) => {
    timer = setTimeout(() => resolve(`the ${name} does not answer`), PATIENCE_MS);
  });
  try {
    return await Promise.race([answer.then(() => null), late]);
  } catch (thrown) {
    return `the ${name} fails: ${thrown instanceof Error ? thrown.message : String(thrown)}`;
  } finally {
    clearTimeout(timer);
  }
}

/** Work that is due for long with nothing ended meanwhile: something hangs that no single check sees. */
async function stuckWork({ config, store, metrics }: World): Promise<string | null> {
  const long = new Date(Date.now() - config.STUCK_MS);
  const [oldest] = await store.ledger.due({ now: long, limit: 1, runningBefore: long });
  if (!oldest || metrics.lastEnded() > long.getTime()) return null;
  return `run ${oldest.id} has been due for more than ${config.STUCK_MS / 1000} s and nothing ends`;
}
