/** Writes captures until its file may grow no more, then smaller ones; says which were acknowledged. */
import { randomBytes } from 'node:crypto';
import { pathToFileURL } from 'node:url';
import { EmbedkeepError } from '../../src/errors.ts';
import { openArchive } from '../../src/store/archive/index.ts';
import { madeCapture } from './made-capture.ts';

const [dir = ''] = process.argv.slice(2);
const archive = await openArchive({ url: pathToFileURL(`${dir}/`).href });
const kept: object[] = [];
const failed: string[] = [];

async function write(text: string): Promise<void> {
  try {
    kept.push({ text, stored: await archive.write(madeCapture(text)) });
  } catch (thrown) {
    failed.push(thrown instanceof EmbedkeepError ? thrown.code : String(thrown));
  }
}

// Hard to compress, so that the limit falls into the middle of one.
while (failed.length < 2) await write(`<p>large</p>${randomBytes(90_000).toString('base64')}`);
await write('<p>small</p>');
await archive.close();
process.stdout.write(JSON.stringify({ kept, failed }));
