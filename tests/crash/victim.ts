/** workers/serve.ts that kills itself with SIGKILL before or after a named step: CRASH_AT=finish:before, the CRASH_NTH time. */
import type { Story } from '../../src/ingest.ts';
import { runProcess } from '../../workers/process.ts';
import { serve } from '../../workers/serve.ts';
import type { World } from '../../workers/world.ts';

const [step, side] = (process.env['CRASH_AT'] ?? ':').split(':');
let left = Number(process.env['CRASH_NTH'] ?? 1);

/** The same function, dying at its step. */
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

function die(): void {
  left -= 1;
  if (left === 0) process.kill(process.pid, 'SIGKILL');
}

/** Every function of the object by its name: a step added to the story is a step to die at. */
const deadlyObject = <T extends object>(object: T): T =>
  Object.fromEntries(
    Object.entries(object).map(([name, value]) => [
      name,
      typeof value === 'function'
        ? deadly(name, value as (...a: unknown[]) => Promise<unknown>)
        : value,
    ]),
  ) as T;

const NOT_ASYNC = ['retryAt', 'now'] as const;

await runProcess((config, log) =>
  serve(config, log, {
    story: (story: Story) => {
      const sync = Object.fromEntries(NOT_ASYNC.map((name) => [name, story[name]]));
      const wrapped = deadlyObject(story);
      const { ledger, archive } = story;
      return { ...wrapped, ...sync, ledger: deadlyObject(ledger), archive: deadlyObject(archive) };
    },
    world: (world: World) => ({
      ...world,
      outbox: deadlyObject(world.outbox),
      store: {
        ...world.store,
        ledger: { ...world.store.ledger, accept: deadly('accept', world.store.ledger.accept) },
      },
    }),
  }),
);
