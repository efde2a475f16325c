/** `embedkeep …`: a process of its own, so it may read the environment and import workers/ (lazily: `extract` starts fast). */
import { Command, CommanderError, InvalidArgumentError, Option } from 'commander';
import type { Server } from './cli/connect.ts';
import { printJson, reportError } from './cli/output.ts';
import type { ListFlags } from './cli/read.ts';
import type { AddFlags, RetryFlags } from './cli/work.ts';
import type { Config } from './config.ts';
import { EXIT } from './exit-codes.ts';

const EXAMPLES = `
Examples:
  embedkeep serve                                       API, workers, archive and dashboard in one process
  embedkeep add https://news.example/story              enqueue for the running server
  embedkeep add --file urls.txt --tag backfill --priority 100
  embedkeep ingest https://news.example/story           fetch, keep and print now
  curl -s https://news.example/story | embedkeep extract --jsonl --url https://news.example/story -
  embedkeep list --state failed --json
  embedkeep retry --error HTTP_SERVER_ERROR
  embedkeep export --format csv > posts.csv

Exit codes: 0 done · 1 something asked for failed · 2 wrong usage · 69 server, store or queue not reachable ·
75 data directory in use · 78 configuration invalid`;

const count = (text: string): number => {
  const n = Number(text);
  if (!Number.isSafeInteger(n) || n < 1) throw new InvalidArgumentError('a whole number from 1');
  return n;
};
const gather = (value: string, before: string[] = []): string[] => [...before, value];
const json = (): Option => new Option('--json', 'JSON for machines');

const program = new Command('embedkeep')
  .description('Keeps the social posts that news articles embed.')
  .version('0.1.0')
  .addHelpText('after', EXAMPLES)
  .option(
    '--server <url>',
    'talk to this server instead of the one on DATA_DIR (or EMBEDKEEP_SERVER)',
  )
  .showHelpAfterError()
  .exitOverride();

program
  .command('serve')
  .description('run API, workers, archive and dashboard in one process')
  .action(async () => {
    const { serve } = await import('../workers/serve.ts');
    const { runProcess } = await import('../workers/process.ts');
    await runProcess(serve);
  });

program
  .command('extract')
  .description('find the embedded posts in files; no queue, no store')
  .argument('<file...>', 'HTML or plain-text files; - for standard input')
  .option('--jsonl', 'one JSON object a file (docs/EXTRACTION.md)')
  .addOption(new Option('--json', 'the same as --jsonl'))
  .option('--url <url>', "the page's address")
  .action(async (files: string[], flags) => {
    const { extractFiles } = await import('./cli/extract.ts');
    process.exitCode = extractFiles(files, flags);
  });

const orderOptions = (command: Command): Command =>
  command
    .argument('[url...]', 'article URLs; - for standard input, a URL a line')
    .option('--file <file>', 'read URLs from a file, one a line; # begins a comment')
    .option('--priority <n>', '1 urgent … 100 backfill (default 10)', count)
    .option('--tag <tag>', 'may be repeated', gather)
    .option('--reference <id>', "the producer's own id")
    .option('--force', 'capture again although the window has not passed')
    .addOption(json());

orderOptions(program.command('add').description('enqueue article URLs')).action(
  async (urls: string[], flags: AddFlags) => {
    const { add } = await import('./cli/work.ts');
    await withServer({ work: false }, (server) => add(server, urls, flags));
  },
);

orderOptions(program.command('ingest').description('enqueue, work until done, print')).action(
  async (urls: string[], flags: AddFlags) => {
    const { ingestNow } = await import('./cli/work.ts');
    await withServer({ work: true }, (server) => ingestNow(server, urls, flags));
  },
);

program
  .command('list')
  .description('articles with their state, newest first; with --posts the preserved posts')
  .option('--state <state>', 'accepted, running, waiting, done, failed or dropped')
  .option('--host <host>')
  .option('--tag <tag>')
  .option('--reference <id>')
  .option('--error <code>')
  .option('--since <time>', 'RFC 3339')
  .option('--posts', 'list posts')
  .option('--platform <name>', 'with --posts')
  .option('--handle <handle>', 'with --posts')
  .option('--search <words>', 'with --posts: in text and author')
  .option('--limit <n>', '1 to 1000', count)
  .option('--cursor <cursor>', 'the next page')
  .addOption(json())
  .action(async (flags: ListFlags) => {
    const { list } = await import('./cli/read.ts');
    await withServer({ work: false }, (server) => list(server, flags));
  });

program
  .command('show')
  .description('an article (its URL or id) or a post (x/1431500000000000000)')
  .argument('<what>')
  .addOption(json())
  .action(async (what: string, flags: { json?: boolean }) => {
    const { show } = await import('./cli/read.ts');
    await withServer({ work: false }, (server) => show(server, what, flags.json ?? false));
  });

program
  .command('retry')
  .description('put failed articles back on the queue')
  .argument('[article...]', 'URLs or ids')
  .option('--all', 'everything that failed')
  .option('--host <host>')
  .option('--error <code>')
  .addOption(json())
  .action(async (articles: string[], flags: RetryFlags) => {
    const { retry } = await import('./cli/work.ts');
    await withServer({ work: false }, (server) => retry(server, articles, flags));
  });

program
  .command('export')
  .description('every post with its sightings, to standard output')
  .addOption(new Option('--format <format>').choices(['jsonl', 'csv']).default('jsonl'))
  .option('--platform <name>')
  .option('--handle <handle>')
  .option('--from <date>', 'YYYY-MM-DD')
  .option('--to <date>', 'YYYY-MM-DD')
  .action(async (flags: Record<string, string>) => {
    const { pipeline } = await import('node:stream/promises');
    const { query } = await import('./cli/connect.ts');
    await withServer({ work: false }, async (server) => {
      await pipeline(await server.stream(`/v1/export${query(flags)}`), process.stdout, {
        end: false,
      });
      return EXIT.ok;
    });
  });

program
  .command('config')
  .description('the effective settings, secrets masked')
  .addOption(json())
  .action(async (flags: { json?: boolean }) => {
    const { maskConfig } = await import('./config.ts');
    const effective = maskConfig(await config());
    if (flags.json) printJson(effective);
    else
      for (const [name, value] of Object.entries(effective)) console.log(`${name}=${value ?? ''}`);
  });

async function config(): Promise<Config> {
  const { loadConfig } = await import('../workers/environment.ts');
  return loadConfig();
}

/** Runs a command against the server that `--server`, the environment or the data directory names. */
async function withServer(
  needs: { work: boolean },
  command: (server: Server) => Promise<number>,
): Promise<void> {
  const { connect } = await import('../workers/connect.ts');
  const named = program.opts<{ server?: string }>().server ?? process.env['EMBEDKEEP_SERVER'];
  const server = await connect(await config(), { ...needs, ...(named && { server: named }) });
  try {
    process.exitCode = await command(server);
  } finally {
    await server.close();
  }
}

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
