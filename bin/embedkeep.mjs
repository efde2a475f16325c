#!/usr/bin/env node
// The checkout runs its TypeScript as it is; the published package holds `dist` alone.
import { existsSync } from 'node:fs';
import { enableCompileCache } from 'node:module';

// Without it every command strips and compiles some 400 files anew. Not for the server: Node 24.21 was seen to abort
// once when a process with threads ended while its cache was on.
if (process.argv[2] !== 'serve') enableCompileCache();
const source = new URL('../src/cli.ts', import.meta.url);
await import(
  existsSync(source) ? source.href : new URL('../dist/src/cli.js', import.meta.url).href
);
