/** workers/serve.ts that kills itself with SIGKILL before or after a step of sending: CRASH_AT=send:after, the CRASH_NTH time. */
import { runProcess } from '../../workers/process.ts';
import { serve } from '../../workers/serve.ts';
import type { WebhookHands } from '../../workers/webhooks.ts';

const [step, side] = (process.env['CRASH_AT'] ?? ':').split(':');
/** What is left of the process before is not counted: the order is to be accepted first. */
let isArmed = false;
let left = Number(process.env['CRASH_NTH'] ?? 1);

function die(): void {
  if (isArmed) left -= 1;
  if (isArmed && left === 0) process.kill(process.pid, 'SIGKILL');
}

function deadly<A extends unknown[], T>(
  name: string,
  run: (...args: A) => Promise<T>,
): (...args: A) => Promise<T> {
  if (name !== step) return run;
  return async (...args) => {
    if (side === 'before') die();
    const result = await run(...args);
    if (side === 'after') die();
    return result;
  };
}

await runProcess((config, log) =>
  serve(config, log, {
    world: (world) => {
      const { accept } = world.store.ledger;
      const armed: typeof accept = (orders) => {
        isArmed = true;
        return accept(orders);
      };
      return {
        ...world,
        store: { ...world.store, ledger: { ...world.store.ledger, accept: armed } },
      };
    },
    story: (story) => story,
    webhooks: ({ outbox, send }: WebhookHands) => ({
      send: deadly('send', send),
      outbox: {
        ...outbox,
        derive: deadly('derive', outbox.derive),
        claim: deadly('claim', outbox.claim),
        delivered: deadly('delivered', outbox.delivered),
        settle: deadly('settle', outbox.settle),
      },
    }),
  }),
);
