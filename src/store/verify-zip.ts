/**
 * The entries of a zip, looked at as something a stranger made: names that would leave the folder, links, doubles,
 * overlaps and bombs are findings, entry by entry, and nothing is ever unpacked to disk.
 */

import { crc32 } from 'node:zlib';
import { type Entry, type LocalFileHeader, open, type ZipFile } from 'yauzl';
import type { Inspection } from './verify-report.ts';
import { type ByteSource, slice, windows } from './verify-source.ts';
import type { Framed } from './verify-zip-frame.ts';

/** A WACZ has a dozen entries; an export in parts may have a file a gigabyte. */
const MOST_ENTRIES = 10_000;

export interface Zip {
  /** Sound entries by name, each readable in place: a WACZ is stored, not compressed. */
  readonly entries: Map<string, ByteSource>;
  /** Of all entries, in the order of the directory. */
  readonly framed: Framed[];
}

export async function readZip(
  path: string,
  whole: ByteSource,
  inspection: Inspection,
): Promise<Zip> {
  const entries = new Map<string, ByteSource>();
  const framed: Framed[] = [];
  const zip = await openZip(path, inspection);
  if (!zip) return { entries, framed };
  try {
    if (zip.entryCount > MOST_ENTRIES) {
      inspection.damage(
        'FILE_DAMAGED',
        whole.name,
        `lists ${zip.entryCount} entries, more than ${MOST_ENTRIES}`,
      );
      return { entries, framed };
    }
    if (zip.comment.length > 0)
      inspection.damage('FILE_UNEXPECTED', whole.name, 'carries a zip comment');
    for await (const entry of zip.eachEntry()) {
      const name = nameOf(entry);
      inspection.count('entries');
      const problem = entries.has(name) ? 'is there twice' : shapeProblem(entry);
      if (problem) {
        inspection.damage('FILE_UNEXPECTED', name, problem);
        continue;
      }
      const local = await zip.readLocalFileHeaderPromise(entry);
      framed.push({ name, entry, local });
      const end = local.fileDataStart + entry.compressedSize;
      const difference = headerDifference(entry, local);
      if (difference || end > whole.size) {
        inspection.damage('FILE_DAMAGED', name, difference ?? 'ends beyond the end of the zip');
        continue;
      }
      const size = entry.uncompressedSize;
      const source = slice(whole, { name, offset: local.fileDataStart, size });
      await checkCrc(source, entry, inspection);
      entries.set(name, source);
    }
  } catch (thrown) {
    inspection.damage(
      'FILE_DAMAGED',
      whole.name,
      `is not a sound zip: ${(thrown as Error).message}`,
    );
  } finally {
    zip.close();
  }
  checkOverlaps(framed, inspection);
  return { entries, framed };
}

async function openZip(path: string, inspection: Inspection): Promise<ZipFile | null> {
  try {
    return await openPromise(path);
  } catch (thrown) {
    inspection.damage('FILE_DAMAGED', path, `is not a sound zip: ${(thrown as Error).message}`);
    return null;
  }
}

/** Names are checked here, entry by entry; yauzl would stop at the first bad one. */
const openPromise = (path: string): Promise<ZipFile> =>
  new Promise((resolve, reject) => {
    const options = { lazyEntries: true, decodeStrings: false, autoClose: false };
    open(path, options, (error, zip) => (error ? reject(error) : resolve(zip)));
  });

/** Without `decodeStrings` the name is a Buffer, whatever the type says. */
const nameOf = (entry: Entry): string => (entry.fileName as unknown as Buffer).toString('utf8');

const SAFE_NAME = /^[\w.-]+(?:\/[\w.-]+)*$/;
const S_IFMT = 0o17_0000;
const S_IFREG = 0o10_0000;

function shapeProblem(entry: Entry): string | null {
  const name = nameOf(entry);
  const mode = (entry.externalFileAttributes >>> 16) & S_IFMT;
  if (!SAFE_NAME.test(name) || name.split('/').some((part) => part === '.' || part === '..')) {
    return 'has a name that could lead out of the archive';
  }
  if (mode !== S_IFREG && mode !== 0) return 'is not a regular file';
  if (entry.isEncrypted()) return 'is encrypted';
  if (entry.compressionMethod !== 0) return 'is compressed; a WACZ stores its files as they are';
  if (entry.compressedSize !== entry.uncompressedSize) return 'states two sizes';
  if (entry.fileCommentLength > 0) return 'carries a comment';
  return null;
}

/** What the directory says and what stands before the data must agree. */
function headerDifference(entry: Entry, local: LocalFileHeader): string | null {
  const isStreamed = (entry.generalPurposeBitFlag & 8) !== 0;
  const same =
    local.fileName.equals(entry.fileName as unknown as Buffer) &&
    local.compressionMethod === entry.compressionMethod &&
    local.generalPurposeBitFlag === entry.generalPurposeBitFlag &&
    local.versionNeededToExtract === entry.versionNeededToExtract &&
    local.lastModFileDate === entry.lastModFileDate &&
    local.lastModFileTime === entry.lastModFileTime &&
    (isStreamed ||
      (local.crc32 === entry.crc32 && local.uncompressedSize === entry.uncompressedSize));
  return same ? null : 'has two headers that contradict each other';
}

async function checkCrc(source: ByteSource, entry: Entry, inspection: Inspection): Promise<void> {
  let crc = 0;
  for await (const chunk of windows(source)) crc = crc32(chunk, crc);
  if (crc !== entry.crc32)
    inspection.damage('FILE_DAMAGED', source.name, 'does not match its zip checksum');
}

function checkOverlaps(framed: readonly Framed[], inspection: Inspection): void {
  let end = 0;
  const startOf = ({ entry }: Framed): number => entry.relativeOffsetOfLocalHeader;
  for (const one of framed.toSorted((a, b) => startOf(a) - startOf(b))) {
    if (startOf(one) < end) inspection.damage('FILE_DAMAGED', one.name, 'overlaps another entry');
    end = Math.max(end, one.local.fileDataStart + one.entry.compressedSize);
  }
}
