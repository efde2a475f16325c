/** WACZ files taken apart and put together again by a stranger who knows the format. */
import { createHash } from 'node:crypto';
import { createWriteStream } from 'node:fs';
import { pipeline } from 'node:stream/promises';
import { openPromise } from 'yauzl';
import { ZipFile } from 'yazl';

/** As someone would who knows the format: digests in the manifest made to fit. */
export function reseal(changed: Map<string, Buffer>): Map<string, Buffer> {
  const manifest = JSON.parse(changed.get('datapackage.json')?.toString() ?? '');
  for (const resource of manifest.resources) {
    const bytes = changed.get(resource.path) ?? Buffer.alloc(0);
    Object.assign(resource, { hash: `sha256:${sha(bytes)}`, bytes: bytes.length });
  }
  return seal(changed.set('datapackage.json', Buffer.from(JSON.stringify(manifest))));
}

export function seal(changed: Map<string, Buffer>): Map<string, Buffer> {
  const hash = `sha256:${sha(changed.get('datapackage.json') ?? Buffer.alloc(0))}`;
  const digest = JSON.stringify({ path: 'datapackage.json', hash });
  return changed.set('datapackage-digest.json', Buffer.from(digest));
}

const sha = (bytes: Buffer) => createHash('sha256').update(bytes).digest('hex');

export async function zip(
  path: string,
  all: Iterable<[string, Buffer]>,
  more: (file: ZipFile) => void = () => {},
): Promise<void> {
  const file = new ZipFile();
  const how = { compress: false, mode: 0o10_0644, forceDosTimestamp: true };
  for (const [name, bytes] of all) file.addBuffer(bytes, name, how);
  more(file);
  file.end();
  await pipeline(file.outputStream, createWriteStream(path));
}

export async function unzip(path: string): Promise<Map<string, Buffer>> {
  const found = new Map<string, Buffer>();
  const file = await openPromise(path);
  for await (const entry of file.eachEntry()) {
    const stream = await file.openReadStreamPromise(entry);
    found.set(entry.fileName, Buffer.concat(await stream.toArray()));
  }
  return found;
}
