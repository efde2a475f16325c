/** Where a CLI command finds embedkeep; filled in when workers/world.ts lands. */
import { overHttp, type Server, serverOf } from '../src/cli/connect.ts';
import type { Config } from '../src/config.ts';

export interface Needs {
  /** The command waits for work to be done, so in process the workers must run too. */
  readonly work: boolean;
  readonly server?: string;
}

export function connect(config: Config, needs: Needs): Promise<Server> {
  const [token] = config.API_TOKENS;
  const origin = needs.server ?? `http://${config.HOST}:${config.PORT}`;
  return Promise.resolve(serverOf(overHttp(origin), token, () => Promise.resolve()));
}
