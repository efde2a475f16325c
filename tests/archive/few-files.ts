/** Run under `ulimit -n`: opens files until there are no more, then lets an archive in ARGV write; says what came of it. */
import { closeSync, openSync } from 'node:fs';
import { pathToFileURL } from 'node:url';
import { openArchive } from '../../src/store/archive/index.ts';
import { madeCapture } from './made-capture.ts';

const [dir = ''] = process.argv.slice(2);
// A new file for every capture, as at a rotation.
const archive = await openArchive({ url: pathToFileURL(dir).href, rotateBytes: 1 });
const write = (path: string): Promise<string> =>
  archive.write(madeCapture(path)).then(
    () => 'kept',
    (thrown: { code?: string }) => String(thrown.code),
  );
const said = [await write('/before')];
const taken: number[] = [];
try {
  for (;;) taken.push(openSync('/dev/null', 'r'));
} catch (thrown) {
  said.push((thrown as NodeJS.ErrnoException).code ?? '');
}
said.push(await write('/without'));
for (const one of taken) closeSync(one);
said.push(await write('/after'));
await archive.close();
process.stdout.write(said.join(' '));
