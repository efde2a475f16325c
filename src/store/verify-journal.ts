/**
 * The journal beside an embedded store: every line whole, every link the successor of the one before. What it says of the
 * chain is handed back, so that the database can be held against it.
 */
import { createReadStream } from 'node:fs';
import { readdir } from 'node:fs/promises';
import { join } from 'node:path';
import { Ahead } from './ahead.ts';
import { GENESIS, linkHash } from './event-chain.ts';
import { SEGMENT } from './journal.ts';
import { decodeEntry, type JournalEntry } from './journal-entry.ts';
import type { DiskShelf } from './shelf.ts';
import type { Inspection } from './verify-report.ts';
import { linesIn, openFile } from './verify-source.ts';

export interface NotedInJournal {
  /** Of each link by its number. */
  readonly hashes: DiskShelf<string>;
  /** The last one. */
  readonly links: number;
  /** How many there are; a link may be there twice. */
  readonly distinct: number;
}

interface Read {
  readonly hashes: DiskShelf<string>;
  last: number;
  distinct: number;
}

export async function verifyJournal(
  folder: string,
  { hashes, inspection }: { hashes: DiskShelf<string>; inspection: Inspection },
): Promise<NotedInJournal> {
  const names = (await readdir(folder)).filter((name) => SEGMENT.test(name)).toSorted();
  const read: Read = { hashes, last: 0, distinct: 0 };
  for (const [index, name] of names.entries()) {
    if (Number.parseInt(name, 10) !== index + 1) {
      const what = `is not preceded by segment ${index + 1}`;
      inspection.damage('FILE_MISSING', `journal/${name}`, what);
    }
    const path = join(folder, name);
    const isTorn = index === names.length - 1 && !(await endsWithNewline(path));
    const lines = new Ahead(linesIn(createReadStream(path)));
    for (let number = 1; ; number += 1) {
      const line = await lines.take();
      if (line === null) break;
      if (line === '') continue;
      const isLast = isTorn && (await lines.peek()) === null;
      checkLine({ line, where: `journal/${name} line ${number}`, isLast }, read, inspection);
    }
  }
  return { hashes, links: read.last, distinct: read.distinct };
}

async function endsWithNewline(path: string): Promise<boolean> {
  const file = await openFile(path);
  try {
    return Buffer.from(await file.read(file.size - 1, 1)).toString() === '\n';
  } finally {
    await file.close();
  }
}

function checkLine(
  { line, where, isLast }: { line: string; where: string; isLast: boolean },
  read: Read,
  inspection: Inspection,
): void {
  const entry = decodeEntry(line);
  if (entry) {
    checkEntry(entry, { read, where }, inspection);
    if (!read.hashes.has(String(entry.n))) read.distinct += 1;
    read.hashes.set(String(entry.n), entry.hash);
    read.last = entry.n;
  } else if (isLast) {
    inspection.note('UNCHECKED', where, 'was torn by a crash before it was acknowledged');
  } else inspection.damage('FILE_DAMAGED', where, 'does not match its checksum');
}

/** A link whose commit failed is written again under its number. */
function checkEntry(
  { n, at, bodies, hash }: JournalEntry,
  { read, where }: { read: Read; where: string },
  inspection: Inspection,
): void {
  if (n > read.last + 1) {
    const what = `is link ${n} and follows link ${read.last}: what lay between is missing`;
    inspection.damage('CHAIN_BROKEN', where, what);
  } else if (
    linkHash(n === 1 ? GENESIS : (read.hashes.get(String(n - 1)) ?? ''), { n, at, bodies }) !== hash
  ) {
    inspection.damage('CHAIN_BROKEN', where, `is link ${n} and does not follow link ${n - 1}`);
  }
}
