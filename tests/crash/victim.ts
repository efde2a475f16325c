/**
 * workers/serve.ts that kills itself with SIGKILL before or after a named step: CRASH_AT=finish:before, the CRASH_NTH
 * time. CRASH_LIST=1 makes it say which steps there are. Its clock can be wrong, its syncs can be recorded.
 */
import './victim-clock.ts';
import './victim-sync.ts';
import type { Slot, Story } from '../../src/ingest.ts';
import { runProcess } from '../../workers/process.ts';
import { serve } from '../../workers/serve.ts';
import type { WebhookHands } from '../../workers/webhooks.ts';
import type { World } from '../../workers/world.ts';
import { NOT_STEPS } from './steps.ts';
import { multiplied } from './victim-jobs.ts';

const [step, side] = (process.env['CRASH_AT'] ?? ':').split(':');
let left = Number(process.env['CRASH_NTH'] ?? 1);
const found = new Set<string>();
const exempt = new Set<string>(NOT_STEPS);

function die(): void {
  left -= 1;
  if (left === 0) process.kill(process.pid, 'SIGKILL');
}

type Anything = (...given: unknown[]) => unknown;

/** The same function, dying at its step. */
function deadly(name: string, run: Anything): Anything {
  found.add(name);
  if (name !== step) return run;
  return async (...given) => {
    if (side === 'before') die();
    const result = await run(...given);
    if (side === 'after') die();
    return result;
  };
}

/** Every function of the object by its name, and of the objects in it: one that is added is a step to die at. */
function deadlyParts<T extends object>(parts: T, alive = exempt, prefix = ''): T {
  const wrapped = Object.entries(parts).map(([name, part]: [string, unknown]) => {
    if (typeof part === 'function' && !alive.has(prefix + name)) {
      return [name, deadly(prefix + name, part as Anything)];
    }
    const isObject = typeof part === 'object' && part !== null;
    return [name, isObject ? deadlyParts(part, alive, prefix) : part];
  });
  return Object.fromEntries(wrapped) as T;
}

/** What a slot can do, by the type: a function added to it does not compile until it is here. */
const SLOT: Record<Exclude<keyof Slot, 'kind'>, true> = { release: true };
for (const name of Object.keys(SLOT)) found.add(name);

function deadlyStory(story: Story): Story {
  const parts = deadlyParts(story);
  const ask: Story['ask'] = async (url) => {
    const turn = await parts.ask(url);
    return turn.kind === 'slot' ? deadlyParts(turn) : turn;
  };
  return { ...parts, ask };
}

/** The ledger's part in the story is the story's; what intake and the reconciler use of it is here. */
function deadlyWorld(world: World): World {
  const { store } = world;
  const storys = new Set(['claim', 'postpone', 'retryLater', 'fail', 'finish', ...exempt]);
  return {
    ...world,
    outbox: deadlyParts(multiplied(world)),
    store: { ...store, ledger: deadlyParts(store.ledger, storys) },
  };
}

/** Their names begin with `hook.`: both sides have a `claim`. */
const deadlyWebhooks = (hands: WebhookHands): WebhookHands => deadlyParts(hands, exempt, 'hook.');

await runProcess(async (config, log) => {
  const running = await serve(config, log, {
    story: deadlyStory,
    world: deadlyWorld,
    webhooks: deadlyWebhooks,
  });
  if (process.env['CRASH_LIST'] === '1') log.info({ steps: [...found].sort() }, 'steps');
  return running;
});
