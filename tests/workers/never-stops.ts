/** A process whose parts never come to an end. */
import { runProcess } from '../../workers/process.ts';

await runProcess((_config, log) => {
  // Only then does it listen to signals.
  setTimeout(() => log.info({ address: 'nowhere' }, 'listening'));
  // As a server's socket would, it keeps the process alive.
  setInterval(() => {}, 60_000);
  return Promise.resolve({ stop: () => new Promise<void>(() => {}) });
}, 100);
