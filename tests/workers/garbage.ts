/** A process that lets go of what was in use for a while, as pages are; says how often its whole heap was looked through. */
import { PerformanceObserver } from 'node:perf_hooks';
import { setImmediate as turn } from 'node:timers/promises';
import { runProcess } from '../../workers/process.ts';

const MAJOR = 4;

async function litter(): Promise<number> {
  let majors = 0;
  const observer = new PerformanceObserver((list) => {
    for (const entry of list.getEntries() as unknown as { detail: { kind: number } }[]) {
      if (entry.detail.kind === MAJOR) majors += 1;
    }
  });
  observer.observe({ entryTypes: ['gc'] });
  /** Each long enough in use to count as old. */
  const inWork: object[][] = [];
  for (let n = 0; n < 3000; n += 1) {
    inWork[n % 200] = Array.from({ length: 4000 }, (_, at) => ({ at, n }));
    if (n % 5 === 0) await turn();
  }
  await turn();
  return majors;
}

await runProcess(async () => {
  console.log(JSON.stringify({ majors: await litter() }));
  process.exit(0);
});
