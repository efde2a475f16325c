/** `embedkeep …`: a process of its own, so it may read the environment and import workers/ (lazily: `extract` starts fast). */
import { Command, CommanderError } from 'commander';
import packageJson from '../package.json' with { type: 'json' };
import { deadCommands } from './cli/commands/dead.ts';
import { planCommands } from './cli/commands/plans.ts';
import { readCommands } from './cli/commands/read.ts';
import { takedownCommands } from './cli/commands/takedowns.ts';
import { upkeepCommands } from './cli/commands/upkeep.ts';
import { webhookCommands } from './cli/commands/webhooks.ts';
import { workCommands } from './cli/commands/work.ts';
import { reportError } from './cli/output.ts';
import { EXIT } from './exit-codes.ts';

const EXAMPLES = `
Examples:
  embedkeep serve                                       API, workers, archive and dashboard in one process
  embedkeep add https://news.example/story              enqueue for the running server
  embedkeep add --file urls.txt --tag backfill --priority 100
  embedkeep ingest https://news.example/story           fetch, keep and print now
  curl -s https://news.example/story | embedkeep extract --jsonl --url https://news.example/story -
  embedkeep list --state failed --json
  embedkeep why https://news.example/story              what it waits for
  embedkeep dead retry --error HTTP_SERVER_ERROR
  embedkeep export --format csv > posts.csv
  embedkeep verify election.wacz

Exit codes: 0 done · 1 something asked for failed, or damage was found · 2 wrong usage ·
69 server, store or queue not reachable · 75 data directory in use · 78 configuration invalid`;

const program = new Command('embedkeep')
  .description('Keeps the social posts that news articles embed.')
  .version(packageJson.version)
  .option(
    '--server <url>',
    'talk to this server instead of the one on DATA_DIR (or EMBEDKEEP_SERVER)',
  )
  .showHelpAfterError()
  .exitOverride()
  .addHelpText('after', EXAMPLES);

workCommands(program);
readCommands(program);
planCommands(program);
deadCommands(program);
upkeepCommands(program);
takedownCommands(program);
webhookCommands(program);

// A reader that has seen enough (`| head`) is no failure.
process.stdout.on('error', (error: NodeJS.ErrnoException) => {
  if (error.code === 'EPIPE') process.exit(EXIT.ok);
  throw error;
});

try {
  await program.parseAsync();
} catch (thrown) {
  if (thrown instanceof CommanderError)
    process.exitCode = thrown.exitCode === 0 ? EXIT.ok : EXIT.usage;
  else process.exitCode = reportError(thrown, process.argv.includes('--json'));
}
