/**
 * The journal beside an embedded store: every line whole, every link the successor of the one before. What it says of the
 * chain is handed back, so that the database can be held against it.
 */
import { readdir, readFile } from 'node:fs/promises';
import { join } from 'node:path';
import { GENESIS, linkHash } from './event-chain.ts';
import { SEGMENT } from './journal.ts';
import { decodeEntry, type JournalEntry } from './journal-entry.ts';
import type { Checkpoint } from './verify-chain.ts';
import type { Inspection } from './verify-report.ts';

interface Read {
  readonly hashes: Map<number, string>;
  last: number;
}

export async function verifyJournal(folder: string, inspection: Inspection): Promise<Checkpoint[]> {
  const names = (await readdir(folder)).filter((name) => SEGMENT.test(name)).toSorted();
  const read: Read = { hashes: new Map([[0, GENESIS]]), last: 0 };
  for (const [index, name] of names.entries()) {
    if (Number.parseInt(name, 10) !== index + 1) {
      const what = `is not preceded by segment ${index + 1}`;
      inspection.damage('FILE_MISSING', `journal/${name}`, what);
    }
    const lines = (await readFile(join(folder, name), 'utf8')).split('\n');
    const isNewest = index === names.length - 1;
    lines.forEach((line, at) => {
      if (line === '') return;
      const isLast = isNewest && at === lines.length - 1;
      checkLine({ line, where: `journal/${name} line ${at + 1}`, isLast }, read, inspection);
    });
  }
  read.hashes.delete(0);
  return [...read.hashes].map(([links, hash]) => {
    return { links, hash, where: 'the journal', mayLead: true };
  });
}

function checkLine(
  { line, where, isLast }: { line: string; where: string; isLast: boolean },
  read: Read,
  inspection: Inspection,
): void {
  const entry = decodeEntry(line);
  if (entry) {
    checkEntry(entry, { read, where }, inspection);
    read.hashes.set(entry.n, entry.hash);
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
  } else if (linkHash(read.hashes.get(n - 1) ?? '', { n, at, bodies }) !== hash) {
    inspection.damage('CHAIN_BROKEN', where, `is link ${n} and does not follow link ${n - 1}`);
  }
}
