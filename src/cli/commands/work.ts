/** Commands that run embedkeep and give it work. */
import type { Command } from 'commander';
import { count, examples, gather, json } from '../options.ts';
import { withServer } from '../session.ts';
import type { AddFlags } from '../work.ts';

export function workCommands(program: Command): void {
  program
    .command('serve')
    .description('run API, workers, archive and dashboard in one process')
    .action(async () => {
      const { serve } = await import('../../../workers/serve.ts');
      const { runProcess } = await import('../../../workers/process.ts');
      await runProcess((settings, log) => serve(settings, log));
    });

  program
    .command('extract')
    .description('find the embedded posts in files; no queue, no store')
    .argument('<file...>', 'HTML or plain-text files; - for standard input')
    .option('--jsonl', 'one JSON object a file (docs/EXTRACTION.md)')
    .addOption(json())
    .option('--url <url>', "the page's address")
    .action(async (files: string[], flags) => {
      const { extractFiles } = await import('../extract.ts');
      process.exitCode = extractFiles(files, flags);
    });

  orderOptions(program.command('add').description('enqueue article URLs')).action(
    async (urls: string[], flags: AddFlags, command: Command) => {
      const { add, orderedUrls } = await import('../work.ts');
      const given = await orderedUrls(urls, flags);
      await withServer({ command }, (server) => add(server, given, flags));
    },
  );

  orderOptions(program.command('ingest').description('enqueue, work until done, print')).action(
    async (urls: string[], flags: AddFlags, command: Command) => {
      const { ingestNow, orderedUrls } = await import('../work.ts');
      const given = await orderedUrls(urls, flags);
      await withServer({ command, work: true }, (server) => ingestNow(server, given, flags));
    },
  );
}

const orderOptions = (command: Command): Command =>
  command
    .argument('[url...]', 'article URLs; - for standard input, a URL a line')
    .option('--file <file>', 'read URLs from a file, one a line; # begins a comment')
    .option('--priority <n>', '1 urgent … 100 backfill (default 10)', count)
    .option('--tag <tag>', 'may be repeated', gather)
    .option('--reference <id>', "the producer's own id")
    .option('--caller <name>', 'whose order it is, for fair shares (a named token counts more)')
    .option('--plan <plan>', 'capture it again, e.g. "every 1h for a day, then daily for a month"')
    .option('--force', 'capture again although the window has not passed')
    .addOption(json())
    .addHelpText(
      'after',
      examples(
        `embedkeep ${command.name()} https://news.example/story`,
        `embedkeep ${command.name()} --file urls.txt --tag backfill --priority 100`,
      ),
    );
