/** Everything in one process: API, workers, dashboard. The default. */
import type { Config } from '../src/config.ts';
import type { Story } from '../src/ingest.ts';
import { startDesk } from './ingest-desk.ts';
import type { Logger } from './log.ts';
import { leavingToNewer } from './newer-schema.ts';
import { pressureOf } from './pressure.ts';
import { type Running, runProcess } from './process.ts';
import { readinessOf } from './readiness.ts';
import { startRetention } from './retention.ts';
import { startWeb } from './web.ts';
import { startWebhooks, type WebhookHands } from './webhooks.ts';
import { openWorld, type World } from './world.ts';

/** What may be wrapped around the parts; the crash tests do, to die at each step. */
export interface Around {
  world(world: World): World;
  story(story: Story): Story;
  /** The two that webhooks touch the world with. */
  webhooks?(hands: WebhookHands): WebhookHands;
}
const NOTHING_AROUND: Around = { world: (world) => world, story: (story) => story };

export async function serve(
  config: Config,
  log: Logger,
  around: Around = NOTHING_AROUND,
): Promise<Running> {
  const world = around.world(await openWorld(config, log));
  const pressure = pressureOf(world);
  const desk = leavingToNewer(startDesk(world, pressure, around.story), world);
  const webhooks = await startWebhooks(world, around.webhooks);
  const retention = startRetention(world);
  const ready = readinessOf(world, pressure, desk);
  const web = await startWeb(world, {
    pressure,
    ready,
    politeness: desk.politeness,
    feeder: desk.feeder,
  }).catch(async (thrown: unknown) => {
    await Promise.all([desk.stop(0), webhooks.stop(0), retention.stop()]);
    await world.close();
    throw thrown;
  });
  return {
    async stop() {
      // No new orders, then no new work; what the ledger has accepted stays there.
      // One grace period for all: what the last runs tell webhooks is told at the next start.
      const graceMs = config.SHUTDOWN_GRACE_MS;
      await Promise.all([web.stop(), desk.stop(graceMs), webhooks.stop(graceMs)]);
      await retention.stop();
      await world.close();
    },
  };
}

if (import.meta.main) await runProcess((config, log) => serve(config, log));
