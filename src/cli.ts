/** `embedkeep …`: the commands. Placeholder wiring of `extract` until the full command set lands. */
import { readFileSync } from 'node:fs';
import { extract } from './extract/index.ts';

const files = process.argv.slice(2).filter((a) => a !== 'extract' && a !== '--jsonl');
for (const file of files) {
  const answer = extract(readFileSync(file), { plainText: file.endsWith('.txt') });
  process.stdout.write(`${JSON.stringify({ file, ...answer })}\n`);
}
