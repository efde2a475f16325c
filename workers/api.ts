/** The API alone, for scaling out: orders go to the shared store and queue, workers of other processes take them. */
import type { Config } from '../src/config.ts';
import { feederOf } from './feeding.ts';
import type { Logger } from './log.ts';
import { pressureOf } from './pressure.ts';
import { needsSharedStore, type Running, runProcess } from './process.ts';
import { readinessOf } from './readiness.ts';
import { startWeb } from './web.ts';
import { openWorld } from './world.ts';

export async function serveApi(config: Config, log: Logger): Promise<Running> {
  needsSharedStore(config, 'workers/api.ts');
  const world = await openWorld(config, log);
  const pressure = pressureOf(world);
  const ready = readinessOf(world, pressure, null);
  const feeder = feederOf(world);
  feeder.start();
  const web = await startWeb(world, { pressure, ready, politeness: null, feeder });
  return {
    async stop() {
      await Promise.all([web.stop(), feeder.stop()]);
      await world.close();
    },
  };
}

if (import.meta.main) await runProcess(serveApi);
