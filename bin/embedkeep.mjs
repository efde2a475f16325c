#!/usr/bin/env node
// The checkout runs its TypeScript as it is; the published package holds `dist` alone.
import { existsSync } from 'node:fs';
import { enableCompileCache } from 'node:module';

// Without it every command strips and compiles some 300 files anew.
enableCompileCache();
const source = new URL('../src/cli.ts', import.meta.url);
await import(
  existsSync(source) ? source.href : new URL('../dist/src/cli.js', import.meta.url).href
);
