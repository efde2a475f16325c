/** Whoever opens something says how it is closed; all is closed in reverse order, whatever fails or hangs. */
import { setTimeout as sleep } from 'node:timers/promises';
import type { Logger } from './log.ts';

export interface Closers {
  push(name: string, close: () => Promise<unknown>): void;
  closeAll(): Promise<void>;
}

/** A queue or database that is down can hold a close for ever. */
const PATIENCE_MS = 3000;

export function createClosers(log: Logger, patienceMs = PATIENCE_MS): Closers {
  const stack: { name: string; close: () => Promise<unknown> }[] = [];
  return {
    push: (name, close) => void stack.push({ name, close }),
    async closeAll() {
      for (let top = stack.pop(); top; top = stack.pop()) {
        const { name, close } = top;
        const closed = close().catch((err: unknown) => log.warn({ err, name }, 'did not close'));
        const patience = new AbortController();
        const late = sleep(patienceMs, 'late' as const, { signal: patience.signal }).catch(
          () => '',
        );
        if ((await Promise.race([closed, late])) === 'late')
          log.warn({ name }, 'close hangs: left');
        patience.abort();
      }
    },
  };
}
