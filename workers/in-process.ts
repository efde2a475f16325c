/** The API without a port, for a command that finds no server: the same routes, on a world of its own. */
import { Readable } from 'node:stream';
import { readTokens } from '../src/api/tokens.ts';
import { type Server, serverOf, type Transport } from '../src/cli/connect.ts';
import type { Config } from '../src/config.ts';
import type { Needs } from './connect.ts';
import { feederOf } from './feeding.ts';
import { createLog } from './log.ts';
import { pressureOf } from './pressure.ts';
import { readinessOf } from './readiness.ts';
import { buildWeb } from './web.ts';
import { openWorld } from './world.ts';

/** Workers of other processes take what is enqueued, unless the command waits for it. */
export async function inProcess(config: Config, needs: Needs): Promise<Server> {
  const log = createLog({ LOG_LEVEL: 'silent' });
  const world = await openWorld(config, log);
  const pressure = pressureOf(world);
  const desk = needs.work ? (await import('./ingest-desk.ts')).startDesk(world, pressure) : null;
  const app = await buildWeb(
    world,
    {
      pressure,
      ready: readinessOf(world, pressure, desk),
      politeness: desk?.politeness ?? null,
      feeder: desk?.feeder ?? feederOf(world),
    },
    { forBrowsers: false },
  );

  const inject: Transport = async ({ method, path, headers, body }) => {
    const response = await app.inject({
      method,
      url: path,
      headers: { ...headers, host: 'localhost' },
      ...(body !== undefined && { payload: body }),
      payloadAsStream: true,
    });
    return { status: response.statusCode, body: Readable.from(response.stream()) };
  };
  return serverOf(inject, readTokens(config.API_TOKENS)[0]?.token, async () => {
    await desk?.stop(config.SHUTDOWN_GRACE_MS);
    await app.close();
    await world.close();
  });
}
