/** Plans of re-captures: `plan add|list|show|pause|resume|remove`. */
import type { Command } from 'commander';
import { count, examples, json } from '../options.ts';
import type { PlanFlags } from '../plans.ts';
import { withServer } from '../session.ts';

export function planCommands(program: Command): void {
  const plan = program
    .command('plan')
    .description('capture an article, or all articles with a tag, again and again')
    .addHelpText(
      'after',
      examples(
        'embedkeep plan add https://news.example/story "every 1h for a day, then daily for a month"',
        'embedkeep plan add election "every 6 hours for 2 weeks, then weekly" --tag',
        'embedkeep plan list --state active',
      ),
    );

  const add = plan
    .command('add')
    .description('the intervals are counted from now; an article is also captured now')
    .argument('<what>', 'the URL of an article, or with --tag a tag')
    .argument(
      '<plan>',
      'e.g. "every 1h for a day, then daily for a month" or "every PT6H for P14D"',
    )
    .option('--tag', 'it is a tag')
    .option('--priority <n>', '1 urgent … 100 backfill (default 10)', count)
    .option('--caller <name>', 'whose order it is, for fair shares (a named token counts more)')
    .addOption(json());
  add.action(async (target: string, spec: string, flags: PlanFlags) => {
    const { addPlan } = await import('../plans.ts');
    await withServer({ command: add }, (server) => addPlan(server, { target, spec }, flags));
  });

  plan
    .command('list')
    .description('newest first')
    .option('--state <state>', 'active, paused, ended or stopped')
    .option('--limit <n>', '1 to 1000', count)
    .addOption(json())
    .action(async (flags: PlanFlags, command: Command) => {
      const { listPlans } = await import('../plans.ts');
      await withServer({ command }, (server) => listPlans(server, flags));
    });

  plan
    .command('show')
    .argument('<id>', 'as `plan list` shows it')
    .addOption(json())
    .action(async (id: string, flags: PlanFlags, command: Command) => {
      const { showPlan } = await import('../plans.ts');
      await withServer({ command }, (server) => showPlan(server, id, flags));
    });

  const verbs = {
    pause: 'hold it',
    resume: 'go on; what was due meanwhile is not made up for',
    remove: 'end it; what it captured stays',
  } as const;
  for (const [name, what] of Object.entries(verbs)) {
    const verb = name as keyof typeof verbs;
    plan
      .command(verb)
      .description(what)
      .argument('<id>', 'as `plan list` shows it')
      .addOption(json())
      .action(async (id: string, flags: PlanFlags, command: Command) => {
        const { changePlan } = await import('../plans.ts');
        await withServer({ command }, (server) => changePlan(server, { id, verb }, flags));
      });
  }
}
