/** What every command needs: the settings, and embedkeep, wherever it is. */
import type { Command } from 'commander';
import type { Config } from '../config.ts';
import type { Server } from './connect.ts';

export async function config(): Promise<Config> {
  const { loadConfig } = await import('../../workers/environment.ts');
  return loadConfig();
}

/** The server that `--server` or the environment names, if any. */
export const namedServer = (command: Command): string | undefined =>
  command.optsWithGlobals<{ server?: string }>().server ?? process.env['EMBEDKEEP_SERVER'];

export interface Needs {
  readonly command: Command;
  /** The command waits for work to be done. */
  readonly work?: boolean;
}

/** Runs a command against the server that `--server`, the environment or the data directory names, or in process. */
export async function withServer(
  { command, work = false }: Needs,
  run: (server: Server) => Promise<number>,
): Promise<void> {
  const { connect } = await import('../../workers/connect.ts');
  const named = namedServer(command);
  const server = await connect(await config(), { work, ...(named && { server: named }) });
  try {
    process.exitCode = await run(server);
  } finally {
    await server.close();
  }
}
