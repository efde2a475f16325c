import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { defineConfig } from 'vitest/config';

// Some two hundred processes are started, most of them embedkeep: with it a server needs a second of CPU less.
process.env['NODE_COMPILE_CACHE'] ??= join(tmpdir(), 'embedkeep-test-compile-cache');

export default defineConfig({
  test: {
    include: ['tests/**/*.test.ts'],
    // Many wait for servers and processes of their own, so three keep two cores busy.
    maxWorkers: 3,
    // As the processes that tests start: see QUICK_START in tests/support/embedkeep.ts.
    execArgv: ['--liftoff-only'],
    testTimeout: 60_000,
    hookTimeout: 120_000,
  },
});
