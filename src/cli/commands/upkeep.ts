/** Commands that tend the store: verify, reparse, backup, restore, import, rebuild. */
import type { Command } from 'commander';
import { examples, json } from '../options.ts';
import { config, withServer } from '../session.ts';
import type { ReparseFlags } from '../upkeep.ts';

interface Json {
  readonly json?: boolean;
}

export function upkeepCommands(program: Command): void {
  program
    .command('verify')
    .description('check every digest and the event chain; exit code 1 on any damage')
    .argument(
      '[target]',
      'a .wacz file, a backup, a data directory or one of WARCs; none: the store in use',
    )
    .addOption(json())
    .addHelpText(
      'after',
      examples(
        'embedkeep verify                    the store in use, while it is',
        'embedkeep verify /mnt/copy/data     offline; refused while a process holds the directory',
        'embedkeep verify election.wacz      offline, anywhere',
        'embedkeep verify /mnt/backup/2026-11-22',
      ),
    )
    .action(async (target: string | undefined, flags: Json, command: Command) => {
      const { printReport, verifyRunning } = await import('../verify.ts');
      const isJson = flags.json ?? false;
      if (target === undefined) {
        return await withServer({ command }, (server) => verifyRunning(server, isJson));
      }
      const { verifyTarget } = await import('../../../workers/offline.ts');
      process.exitCode = printReport(await verifyTarget(target), isJson);
    });

  program
    .command('reparse')
    .description("read stored captures with today's parser, without fetching")
    .option('--host <host>', 'articles of this host')
    .option('--since <time>', 'captures fetched at or after, RFC 3339')
    .option('--parser-lt <version>', 'only what an older parser than this read last')
    .option('--dry-run', 'show what would change, write nothing')
    .addOption(json())
    .addHelpText(
      'after',
      examples(
        'embedkeep reparse --dry-run',
        'embedkeep reparse --host news.example --since 2026-01-01T00:00:00Z',
      ),
    )
    .action(async (flags: ReparseFlags, command: Command) => {
      const { reparse } = await import('../upkeep.ts');
      await withServer({ command }, (server) => reparse(server, flags));
    });

  program
    .command('gc')
    .description('bodies that no capture names: list them, erase those older than a week')
    .option('--dry-run', 'only list them')
    .addOption(json())
    .action(async (flags: { json?: boolean; dryRun?: boolean }, command: Command) => {
      const { collectGarbage } = await import('../upkeep.ts');
      await withServer({ command }, (server) => collectGarbage(server, flags));
    });

  copyCommands(program);
}

function copyCommands(program: Command): void {
  program
    .command('backup')
    .description('copy the whole store to an empty directory, while it works')
    .argument('<dir>', 'on the machine of the server; made if missing')
    .addOption(json())
    .addHelpText('after', examples('embedkeep backup /mnt/backup/2026-11-22'))
    .action(async (dir: string, flags: Json, command: Command) => {
      const { backup } = await import('../upkeep.ts');
      await withServer({ command }, (server) => backup(server, dir, flags));
    });

  program
    .command('restore')
    .description('bring a backup into an empty DATA_DIR (or DATABASE_URL and BLOB_URL)')
    .argument('<dir>', 'directory of the backup; every file is checked first')
    .addOption(json())
    .addHelpText('after', examples('DATA_DIR=./new embedkeep restore /mnt/backup/2026-11-22'))
    .action(async (dir: string, flags: Json, command: Command) => {
      refuseServer(command);
      const { restoreFrom } = await import('../../../workers/offline.ts');
      const { printHoldings } = await import('../upkeep.ts');
      const holdings = await restoreFrom(dir, await config());
      process.exitCode = printHoldings('restored', holdings, flags.json ?? false);
    });

  program
    .command('import')
    .description(
      'bring an export (.wacz, or JSON lines without bytes) into DATA_DIR or DATABASE_URL',
    )
    .argument('<file>', 'of `embedkeep export`; all of it is checked before anything is taken')
    .addOption(json())
    .addHelpText(
      'after',
      examples(
        'DATA_DIR=./new embedkeep import all.wacz      an empty store becomes the one exported',
        'embedkeep import election.wacz                captures that are not here; the others stay as they are',
        'embedkeep import posts.jsonl                  records alone',
      ),
    )
    .action(async (file: string, flags: Json, command: Command) => {
      refuseServer(command);
      const { importInto } = await import('../../../workers/offline.ts');
      const { importing } = await import('../import.ts');
      const bring = async () => importInto(file, await config());
      process.exitCode = await importing(bring, flags.json ?? false);
    });

  program
    .command('rebuild')
    .description('make the embedded database anew from the journal; the old one is put aside')
    .addOption(json())
    .action(async (flags: Json, command: Command) => {
      refuseServer(command);
      const { rebuild } = await import('../../../workers/offline.ts');
      const { printHoldings } = await import('../upkeep.ts');
      const holdings = await rebuild(await config());
      process.exitCode = printHoldings('rebuilt', holdings, flags.json ?? false);
    });
}

/** What it is about must be here, and nobody else's meanwhile. */
function refuseServer(command: Command): void {
  if (command.optsWithGlobals<{ server?: string }>().server === undefined) return;
  command.error(`error: ${command.name()} works on DATA_DIR, not through a server`);
}
