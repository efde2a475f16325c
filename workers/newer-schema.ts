/**
 * A rolling upgrade seen from the older side: once a newer process has migrated the shared store, what this one writes may be
 * refused, and each refusal would cost a run a try. So it finishes or hands back what it has, and takes no more.
 */
import type { Desk } from './ingest-desk.ts';
import type { World } from './world.ts';

export function leavingToNewer(desk: Desk, world: World): Desk {
  const { config, lock, log, store } = world;
  // Whoever holds the data directory is alone.
  if (lock) return desk;
  let problem: string | null = null;
  let stopped: Promise<void> | undefined;
  const stop = (graceMs: number): Promise<void> => {
    clearInterval(timer);
    stopped ??= desk.stop(graceMs);
    return stopped;
  };
  async function look(): Promise<void> {
    const unknown = await store.newerMigrations();
    if (unknown.length === 0 || stopped) return;
    log.error({ unknown }, 'a newer embedkeep has migrated the store: no more work is taken');
    await stop(config.SHUTDOWN_GRACE_MS);
    problem = 'a newer embedkeep has migrated the store; this process takes no more work';
  }
  const timer = setInterval(() => {
    // A store that is away is named by readiness, and looked at again.
    look().catch((err: unknown) => log.debug({ err }, 'the schema could not be looked at'));
  }, config.RECONCILE_MS);
  timer.unref();
  return { ...desk, stop, problems: () => (problem ? [problem] : desk.problems()) };
}
