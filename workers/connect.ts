/** Where a CLI command finds embedkeep: the server it names, the one on the data directory, or itself. */
import { Readable } from 'node:stream';
import { overHttp, type Server, serverOf, type Transport } from '../src/cli/connect.ts';
import type { Config } from '../src/config.ts';
import { lockHolder } from '../src/data-dir-lock.ts';
import { type Desk, startDesk } from './ingest-desk.ts';
import { createLog } from './log.ts';
import { createPressure } from './pressure.ts';
import { readinessOf } from './readiness.ts';
import { buildWeb } from './web.ts';
import { openWorld } from './world.ts';

export interface Needs {
  /** The command waits for work to be done, so in process the workers must run too. */
  readonly work: boolean;
  readonly server?: string;
}

export function connect(config: Config, needs: Needs): Promise<Server> {
  const [token] = config.API_TOKENS;
  const running =
    needs.server ?? (config.DATABASE_URL ? null : lockHolder(config.DATA_DIR)?.address);
  if (running) {
    return Promise.resolve(serverOf(overHttp(running), token, () => Promise.resolve()));
  }
  return inProcess(config, needs);
}

/** The same routes without a port. Workers of other processes take what is enqueued, unless the command waits for it. */
async function inProcess(config: Config, needs: Needs): Promise<Server> {
  const log = createLog({ LOG_LEVEL: 'silent' });
  const world = await openWorld(config, log);
  const pressure = createPressure(config.DATA_DIR);
  const desk: Desk | null = needs.work ? startDesk(world, pressure) : null;
  const app = await buildWeb(world, {
    pressure,
    ready: readinessOf(world, pressure, desk),
    politeness: desk?.politeness ?? null,
  });

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
  return serverOf(inject, config.API_TOKENS[0], async () => {
    await desk?.stop(config.SHUTDOWN_GRACE_MS);
    await app.close();
    await world.close();
  });
}
