#!/usr/bin/env node
// The checkout runs its TypeScript as it is; the published package holds `dist` alone.
import { existsSync } from 'node:fs';

const source = new URL('../src/cli.ts', import.meta.url);
await import(
  existsSync(source) ? source.href : new URL('../dist/src/cli.js', import.meta.url).href
);
