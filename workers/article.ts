/** Article workers alone, for scaling out; beside the work they answer only probes and metrics. */
import type { Config } from '../src/config.ts';
import { startDesk } from './ingest-desk.ts';
import type { Logger } from './log.ts';
import { leavingToNewer } from './newer-schema.ts';
import { pressureOf } from './pressure.ts';
import { startProbes } from './probes.ts';
import { needsSharedStore, type Running, runProcess } from './process.ts';
import { readinessOf } from './readiness.ts';
import { startRetention } from './retention.ts';
import { startWebhooks } from './webhooks.ts';
import { openWorld } from './world.ts';

export async function workArticles(config: Config, log: Logger): Promise<Running> {
  needsSharedStore(config, 'workers/article.ts');
  const world = await openWorld(config, log);
  const pressure = pressureOf(world);
  const desk = leavingToNewer(startDesk(world, pressure), world);
  const webhooks = await startWebhooks(world);
  const retention = startRetention(world);
  const probes = await startProbes(world, readinessOf(world, pressure, desk));
  return {
    async stop() {
      await Promise.all([
        desk.stop(config.SHUTDOWN_GRACE_MS),
        webhooks.stop(config.SHUTDOWN_GRACE_MS),
        retention.stop(),
      ]);
      await probes.stop();
      await world.close();
    },
  };
}

if (import.meta.main) await runProcess(workArticles);
