/** Commands about what must go and what must stay: remove, retention, hold, unhold, holds. */
import type { Command } from 'commander';
import { examples, json } from '../options.ts';
import { withServer } from '../session.ts';
import type { HoldFlags, RemoveFlags, RetentionFlags } from '../takedowns.ts';

const WHAT = 'a post (x/1431500000000000000), a capture id';

export function takedownCommands(program: Command): void {
  program
    .command('remove')
    .description('take a post or capture down: words and bytes go, digests and a tombstone stay')
    .argument('<what>', WHAT)
    .requiredOption('--reason <text>', 'goes into the event chain')
    .option('--dry-run', 'only say what would go with it')
    .addOption(json())
    .addHelpText(
      'after',
      examples('embedkeep remove x/1431500000000000000 --reason "court order 7" --dry-run'),
    )
    .action(async (what: string, flags: RemoveFlags, command: Command) => {
      const { remove } = await import('../takedowns.ts');
      await withServer({ command }, (server) => remove(server, what, flags));
    });

  program
    .command('retention')
    .description(
      'let captures expire whose time has come: words and bytes go, digests and a tombstone stay',
    )
    .option('--rules <rules>', 'instead of RETENTION, e.g. "tag:backfill 30d; default 2y keep 3"')
    .option('--dry-run', 'only say what would expire')
    .addOption(json())
    .addHelpText(
      'after',
      examples(
        'embedkeep retention --dry-run',
        'embedkeep retention --rules "tag:backfill 30d keep 0; default forever"',
      ),
    )
    .action(async (flags: RetentionFlags, command: Command) => {
      const { retention } = await import('../takedowns.ts');
      await withServer({ command }, (server) => retention(server, flags));
    });

  holdCommands(program);
}

function holdCommands(program: Command): void {
  const held = (command: Command): Command =>
    command
      .argument('<what>', `${WHAT}, an article's URL or id`)
      .option('--tag', 'it is a tag')
      .addOption(json());

  held(program.command('hold').description('protect something from removal'))
    .requiredOption('--reason <text>', 'goes into the event chain')
    .addHelpText(
      'after',
      examples(
        'embedkeep hold https://news.example/story --reason "case 12/26"',
        'embedkeep hold election --tag --reason "case 12/26"',
      ),
    )
    .action(async (what: string, flags: HoldFlags, command: Command) => {
      const { hold } = await import('../takedowns.ts');
      await withServer({ command }, (server) => hold(server, what, flags));
    });

  held(program.command('unhold').description('lift a hold')).action(
    async (what: string, flags: HoldFlags, command: Command) => {
      const { unhold } = await import('../takedowns.ts');
      await withServer({ command }, (server) => unhold(server, what, flags));
    },
  );

  program
    .command('holds')
    .description('every hold, lifted ones too')
    .addOption(json())
    .action(async (flags: HoldFlags, command: Command) => {
      const { listHolds } = await import('../takedowns.ts');
      await withServer({ command }, (server) => listHolds(server, flags));
    });
}
