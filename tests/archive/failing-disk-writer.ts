/**
 * Run with the failing disk of disk-shim.c under ARGV: an archive and a journal that are written to before, during and after
 * each fault. Says for each what came of it, and what was acknowledged.
 */
import { randomBytes } from 'node:crypto';
import { rmSync, writeFileSync } from 'node:fs';
import { constants } from 'node:os';
import { join } from 'node:path';
import { pathToFileURL } from 'node:url';
import type { StoredBody } from '../../src/capture.ts';
import { openArchive } from '../../src/store/archive/index.ts';
import { openJournal } from '../../src/store/journal.ts';
import { madeCapture } from './made-capture.ts';

const [dir = '', planFile = ''] = process.argv.slice(2);
const { EIO, ENOSPC, EROFS, EFBIG } = constants.errno;

/** What fails from now on: the first call, or all until `works`. */
const fails = (call: string, errno: number, count = 1_000_000): void =>
  writeFileSync(planFile, `${call} ${errno} 1 ${count}\n`);
const works = (): void => rmSync(planFile, { force: true });

export interface Report {
  readonly kept: { text: string; stored: StoredBody }[];
  readonly links: number[];
  /** By fault: archive and journal, twice each; then what their checks say during and after it. */
  readonly said: Record<string, string>;
  /** By fault: of how many files each was, before and after it. */
  readonly files: Record<string, number[]>;
}
const report: Report = { kept: [], links: [], said: {}, files: {} };

const archive = await openArchive({ url: pathToFileURL(join(dir, 'warc')).href });
const journal = await openJournal(join(dir, 'journal'));

async function capture(): Promise<string> {
  // Larger than a block and hard to compress, so that half of it can be written.
  const text = `<p>${randomBytes(20_000).toString('base64')}</p>`;
  return await said(async () => {
    report.kept.push({ text, stored: await archive.write(madeCapture(text)) });
  });
}

let n = 0;
async function link(): Promise<string> {
  const note = randomBytes(5000).toString('base64');
  const entry = { n: n + 1, at: '2026-03-01T00:00:00.000Z', hash: '', bodies: [note] };
  return await said(async () => {
    await journal.append({ ...entry, deed: { op: 'note' } });
    n += 1;
    report.links.push(n);
  });
}

const said = (work: () => Promise<unknown>): Promise<string> =>
  work().then(
    () => 'kept',
    (thrown: { code?: string }) => String(thrown.code ?? thrown),
  );

const files = (): number[] => [
  new Set(report.kept.map(({ stored }) => stored.location)).size,
  journal.checkpoint().segments.length,
];
const count = (entries: string[]): string =>
  entries
    .map((one) => one.replace('STORE_UNAVAILABLE', 'down').replace('STORE_FULL', 'full'))
    .join(' ');

async function during(name: string, fault: () => void): Promise<void> {
  await Promise.all([capture(), link()]);
  const before = files();
  fault();
  const first = [await capture(), await link()];
  const again = [await capture(), await link()];
  const checks = [await said(() => archive.check()), await said(() => journal.check())];
  works();
  const after = [await said(() => archive.check()), await said(() => journal.check())];
  report.said[name] = count([...first, ...again, ...checks, ...after]);
  await Promise.all([capture(), link()]);
  report.files[name] = [...before, ...files()];
}

await during('fsync EIO', () => fails('fsync', EIO));
await during('fsync EIO once', () => fails('fsync', EIO, 1));
await during('write EIO', () => fails('pwrite', EIO));
await during('no space in the middle', () => fails('pwrite', ENOSPC));
await during('file too large', () => fails('pwrite', EFBIG));
const changing = ['pwrite', 'write', 'open', 'truncate', 'rename'];
const readOnly = changing.map((call) => `${call} ${EROFS} 1 1000000`).join('\n');
await during('read-only', () => writeFileSync(planFile, readOnly));

const rewrite = (word: string): Promise<string> =>
  said(() => journal.rewrite((entry) => ({ ...entry, bodies: [`${word} ${entry.n}`] })));
fails('rename', EIO);
report.said['rename EIO'] = count([await rewrite('half'), await link()]);
works();
report.said['rename again'] = count([await link(), await rewrite('done')]);
writeFileSync(`${planFile}.report`, JSON.stringify(report));
// As a kill: nothing is tidied up.
process.kill(process.pid, 'SIGKILL');
