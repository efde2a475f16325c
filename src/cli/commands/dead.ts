/** Dead letters: `dead list|show|retry|drop`, and `retry` as the short form. */
import { type Command, Option } from 'commander';
import type { DeadFlags } from '../dead.ts';
import { count, examples, json } from '../options.ts';
import { withServer } from '../session.ts';

const grouped = (command: Command): Command =>
  command
    .option('--host <host>', 'of this host')
    .option('--error <code>', 'that failed with this code')
    .option('--shape <shape>', 'whose kept page has this shape')
    .option('--since <time>', 'that failed at or after, RFC 3339')
    .option('--until <time>', 'that failed before, RFC 3339')
    .addOption(json());

const handling = (command: Command): Command =>
  grouped(command.argument('[article...]', 'URLs or ids'))
    .option('--all', 'everything that failed')
    .option('--dry-run', 'only say how many it would be');

const retriable = (command: Command): Command =>
  handling(command).addOption(
    new Option('--from <source>', 'default: the kept bytes where reading them failed').choices([
      'bytes',
      'network',
    ]),
  );

export function deadCommands(program: Command): void {
  const dead = program
    .command('dead')
    .description('what failed for good, until it is handled')
    .addHelpText(
      'after',
      examples(
        'embedkeep dead list',
        'embedkeep dead show --host news.example --error BOT_CHALLENGE',
        'embedkeep dead retry --error HTTP_SERVER_ERROR --dry-run',
        'embedkeep dead retry --error PARSE_TIMEOUT            reads the kept pages, fetches nothing',
        'embedkeep dead retry --error EMPTY_SHELL --from bytes',
        'embedkeep dead drop --host closed.example --error DNS_FAIL',
      ),
    );

  grouped(
    dead
      .command('list')
      .description('by host, error code and shape of the kept page, the largest group first'),
  ).action(async (flags: DeadFlags, command: Command) => {
    const { listDead } = await import('../dead.ts');
    await withServer({ command }, (server) => listDead(server, flags));
  });

  grouped(dead.command('show').description('one in full, or the articles of a group'))
    .argument('[article]', 'URL or id')
    .option('--limit <n>', '1 to 1000', count)
    .action(async (what: string | undefined, flags: DeadFlags, command: Command) => {
      const { showDead } = await import('../dead.ts');
      await withServer({ command }, (server) => showDead(server, what, flags));
    });

  const handle =
    (verb: 'retry' | 'drop') =>
    async (articles: string[], flags: DeadFlags, command: Command): Promise<void> => {
      const { handleDead } = await import('../dead.ts');
      await withServer({ command }, (server) => handleDead(server, verb, { articles, flags }));
    };
  const retrying = 'put failed articles back on the queue, each with a new run';
  retriable(dead.command('retry').description(retrying)).action(handle('retry'));
  handling(
    dead.command('drop').description('give failed articles up; what was kept of them stays'),
  ).action(handle('drop'));
  retriable(program.command('retry').description(`${retrying} (short for dead retry)`)).action(
    handle('retry'),
  );
}
