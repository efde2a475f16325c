/** Webhooks: `webhooks add|list|deliveries|replay|test|rotate|enable|disable|remove`. */
import { type Command, Option } from 'commander';
import { DELIVERY_STATES, WEBHOOK_TYPES } from '../../webhook.ts';
import type { Server } from '../connect.ts';
import { count, examples, gather, json } from '../options.ts';
import { withServer } from '../session.ts';
import type { WebhookFlags } from '../webhooks.ts';

type Webhooks = typeof import('../webhooks.ts');
const ID = 'id of the endpoint, as `webhooks list` shows it';

const fromZero = (text: string): number => (text === '0' ? 0 : count(text));

export function webhookCommands(program: Command): void {
  const webhooks = program
    .command('webhooks')
    .description('be told of what happens: signed messages to an address of yours')
    .addHelpText(
      'after',
      examples(
        'embedkeep webhooks add https://hooks.example/embedkeep --type embed.vanished --tag election',
        'embedkeep webhooks test wh0123456789abcdef',
        'embedkeep webhooks deliveries wh0123456789abcdef --state failed',
        'embedkeep webhooks replay wh0123456789abcdef --since 2026-11-22T00:00:00Z',
      ),
    );

  webhooks
    .command('add')
    .description('register an address; prints the secret it will be signed with, once')
    .argument('<url>')
    .addOption(
      new Option('--type <type>', 'may be repeated; default: all')
        .choices(WEBHOOK_TYPES)
        .argParser(gather),
    )
    .option('--host <host>', 'only of articles of this host')
    .option('--tag <tag>', 'only of runs with this tag')
    .option('--description <text>', 'for people')
    .option(
      '--after <event>',
      'of all events after this one, 0 for all; default: from now on',
      fromZero,
    )
    .addOption(json())
    .action(act((server, [url = ''], { flags, module }) => module.addWebhook(server, url, flags)));

  webhooks
    .command('list')
    .description('the addresses that are told, and how they fare')
    .addOption(json())
    .action(act((server, _, { flags, module }) => module.listWebhooks(server, flags)));

  endpointCommands(webhooks);
}

function endpointCommands(webhooks: Command): void {
  const one = (name: string, description: string): Command =>
    webhooks.command(name).description(description).argument('<id>', ID).addOption(json());

  one('deliveries', 'what was and will be sent, newest first')
    .addOption(new Option('--state <state>').choices(DELIVERY_STATES))
    .option('--limit <n>', '1 to 1000', count)
    .option('--cursor <cursor>', 'the next page')
    .action(
      act((server, [id = ''], { flags, module }) => module.listDeliveries(server, id, flags)),
    );

  one('replay', 'send one delivery again, or all that failed since a time')
    .argument('[delivery]', 'id of the delivery')
    .option('--since <time>', 'RFC 3339; of events at or after it')
    .action(
      act((server, [id = '', deliveryId], { flags, module }) =>
        module.replayWebhook(server, { id, deliveryId }, flags),
      ),
    );

  one('test', 'send a test message now; exit code 1 where it does not arrive').action(
    act((server, [id = ''], { flags, module }) => module.testWebhook(server, id, flags)),
  );

  one('rotate', 'a new secret, printed once; for a while both sign')
    .option('--overlap-hours <n>', 'default 24; 0 after a leak', fromZero)
    .action(act((server, [id = ''], { flags, module }) => module.rotateSecret(server, id, flags)));

  for (const enabled of [true, false]) {
    one(
      enabled ? 'enable' : 'disable',
      enabled ? 'go on where it was' : 'send nothing until it is enabled again',
    ).action(
      act((server, [id = ''], { flags: { json: asJson = false }, module }) =>
        module.switchWebhook(server, id, { enabled, json: asJson }),
      ),
    );
  }

  one('remove', 'forget the address and its log').action(
    act((server, [id = ''], { flags, module }) => module.removeWebhook(server, id, flags)),
  );
}

interface Given {
  readonly flags: WebhookFlags;
  readonly module: Webhooks;
}

/** What commander hands over (arguments, flags, command), with the server and the lazily loaded rest. */
function act(
  run: (server: Server, args: readonly (string | undefined)[], given: Given) => Promise<number>,
) {
  return async (...given: unknown[]): Promise<void> => {
    const command = given.at(-1) as Command;
    const flags = given.at(-2) as WebhookFlags;
    const module = await import('../webhooks.ts');
    const args = given.slice(0, -2) as (string | undefined)[];
    await withServer({ command }, (server) => run(server, args, { flags, module }));
  };
}
