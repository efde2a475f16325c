/** Writes captures as fast as it can and says which are acknowledged, until it is killed. */
import { randomBytes } from 'node:crypto';
import { pathToFileURL } from 'node:url';
import { openArchive } from '../../src/store/archive/index.ts';
import { madeCapture } from './made-capture.ts';

const [dir = '', round = ''] = process.argv.slice(2);
const archive = await openArchive({
  url: pathToFileURL(`${dir}/`).href,
  rotateBytes: 5_000_000,
  onRecovered: (recovered) => process.stdout.write(`${JSON.stringify({ recovered })}\n`),
});
let n = 0;
async function writeOn(): Promise<void> {
  for (;;) {
    n += 1;
    // Large and hard to compress, so that the kill can strike within one write.
    const filling = randomBytes((n * 99_707) % 100_000).toString('base64');
    const text = `<p>round ${round}, capture ${n}</p>${filling}`;
    const stored = await archive.write(madeCapture(text));
    process.stdout.write(`${JSON.stringify({ stored })}\n`);
  }
}
process.stdout.write('"writing"\n');
await Promise.all([writeOn(), writeOn(), writeOn()]);
