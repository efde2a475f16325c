/** Commands that read: list, show, why, export, config. */
import { type Command, Option } from 'commander';
import { EXIT } from '../../exit-codes.ts';
import type { ExportFlags } from '../export.ts';
import { count, examples, json } from '../options.ts';
import { printJson } from '../output.ts';
import type { ListFlags } from '../read.ts';
import { config, withServer } from '../session.ts';

interface Json {
  readonly json?: boolean;
}

export function readCommands(program: Command): void {
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
    .action(async (flags: ListFlags, command: Command) => {
      const { list } = await import('../read.ts');
      await withServer({ command }, (server) => list(server, flags));
    });

  program
    .command('show')
    .description('an article (its URL or id) or a post (x/1431500000000000000)')
    .argument('<what>')
    .addOption(json())
    .action(async (what: string, flags: Json, command: Command) => {
      const { show } = await import('../read.ts');
      await withServer({ command }, (server) => show(server, what, flags.json ?? false));
    });

  program
    .command('why')
    .description('what an article waits for, and until when')
    .argument('<url>', 'its URL or id')
    .addOption(json())
    .addHelpText('after', examples('embedkeep why https://news.example/story'))
    .action(async (url: string, flags: Json, command: Command) => {
      const { why } = await import('../why.ts');
      await withServer({ command }, (server) => why(server, url, flags.json ?? false));
    });

  exportCommand(program);

  program
    .command('config')
    .description('the effective settings, secrets masked')
    .addOption(json())
    .action(async (flags: Json) => {
      const { maskConfig } = await import('../../config.ts');
      const effective = maskConfig(await config());
      process.exitCode = EXIT.ok;
      if (flags.json) return printJson(effective);
      for (const [name, value] of Object.entries(effective)) console.log(`${name}=${value ?? ''}`);
    });
}

function exportCommand(program: Command): void {
  program
    .command('export')
    .description('posts with their sightings, to standard output or a file')
    .addOption(
      new Option('--format <format>').choices(['jsonl', 'csv', 'parquet', 'wacz']).default('jsonl'),
    )
    .option(
      '--wacz <file>',
      'the captures with their bytes as a web archive; the same as --format wacz -o <file>',
    )
    .option('-o, --output <file>', 'complete under this name or not there at all')
    .option('--platform <name>')
    .option('--handle <handle>')
    .option('--author <name>')
    .option('--from <date>', 'posted on this day or later, YYYY-MM-DD')
    .option('--to <date>', 'posted on this day or earlier')
    .option('--article-host <host>', 'seen in an article of this host')
    .option('--search <words>', 'in text and author')
    .addOption(json().hideHelp())
    .addHelpText(
      'after',
      examples(
        'embedkeep export --format csv > posts.csv',
        'embedkeep export --format parquet -o posts.parquet --from 2026-01-01',
        'embedkeep export --wacz election.wacz --handle AC360      for replayweb.page',
        'embedkeep export --wacz all.wacz                          everything, with the event chain',
      ),
    )
    .action(async (flags: ExportFlags, command: Command) => {
      const { exportPosts } = await import('../export.ts');
      await withServer({ command }, (server) => exportPosts(server, flags));
    });
}
