/** Where a CLI command finds embedkeep: the server it names, the one on the data directory, or itself. */
import { readTokens } from '../src/api/tokens.ts';
import { overHttp, type Server, serverOf } from '../src/cli/connect.ts';
import type { Config } from '../src/config.ts';
import { lockHolder } from '../src/data-dir-lock.ts';

export interface Needs {
  /** The command waits for work to be done, so in process the workers must run too. */
  readonly work: boolean;
  readonly server?: string;
}

export async function connect(config: Config, needs: Needs): Promise<Server> {
  const token = readTokens(config.API_TOKENS)[0]?.token;
  const running =
    needs.server ?? (config.DATABASE_URL ? null : lockHolder(config.DATA_DIR)?.address);
  if (running) {
    return serverOf(overHttp(running), token, () => Promise.resolve());
  }
  // Opening a store takes what a client of a server need not load.
  const { inProcess } = await import('./in-process.ts');
  return await inProcess(config, needs);
}
