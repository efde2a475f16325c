/** A power cut as far as files show it: each is cut at its last sync, and names that were never synced are gone. */
import { existsSync } from 'node:fs';
import { cp, readdir, readFile, rm, stat, truncate, writeFile } from 'node:fs/promises';
import { dirname, join } from 'node:path';
import type { Dice } from './seed.ts';

interface Synced {
  readonly path: string;
  readonly size?: number;
  readonly names?: readonly string[];
}

export interface Cut {
  readonly removed: number;
  /** Bytes that were written and never synced. */
  readonly bytes: number;
}

/** `before` are the files that were there when the victim started: those had their own time to reach the disk. */
export async function cutPower(
  dir: string,
  log: string,
  before: ReadonlyMap<string, number>,
): Promise<Cut> {
  const text = await readFile(log, 'utf8').catch(() => '');
  const sizes = new Map(before);
  const names = new Map<string, Set<string>>();
  for (const line of text.split('\n').filter(Boolean)) {
    const { path, size, names: listed } = JSON.parse(line) as Synced;
    if (size !== undefined) sizes.set(path, size);
    if (listed) names.set(path, new Set(listed));
  }
  let [removed, bytes] = [0, 0];
  for (const [path, size] of await filesOf(dir)) {
    const known = before.has(path) || names.get(dirname(path))?.has(path.split('/').at(-1) ?? '');
    const kept = known ? (sizes.get(path) ?? 0) : 0;
    bytes += Math.max(0, size - kept);
    if (!known) {
      removed += 1;
      await rm(path);
    } else if (size > kept) await truncate(path, kept);
  }
  return { removed, bytes };
}

/** Sizes by path, the database's files aside: they are never synced, and are destroyed as a whole. */
export async function filesOf(dir: string): Promise<Map<string, number>> {
  const entries = await readdir(dir, { recursive: true, withFileTypes: true });
  const files = entries
    .filter((entry) => entry.isFile() && !entry.parentPath.startsWith(join(dir, DATABASE)))
    .map((entry) => join(entry.parentPath, entry.name));
  return new Map(await Promise.all(files.map(async (f) => [f, (await stat(f)).size] as const)));
}

const PAGE = 8192;
const DATABASE = 'pglite';

/** As it was before, to be mixed with what it becomes; nothing where the cut before took all of it. */
export async function copyDatabase(dir: string, to: string): Promise<void> {
  const folder = join(dir, DATABASE);
  if (existsSync(folder)) await cp(folder, to, { recursive: true });
}

/** Files that are never synced reach the disk page by page, in any order: each page is the old or the new one. */
export async function tearDatabase(dir: string, old: string, dice: Dice): Promise<number> {
  const folder = join(dir, DATABASE);
  let pages = 0;
  for (const entry of await readdir(folder, { recursive: true, withFileTypes: true })) {
    if (!entry.isFile()) continue;
    const path = join(entry.parentPath, entry.name);
    const now = await readFile(path);
    const before = await readFile(path.replace(folder, old)).catch(() => Buffer.alloc(0));
    if (now.equals(before)) continue;
    for (let at = 0; at < now.length; at += PAGE) {
      if (dice.next() < 0.5) continue;
      now.fill(0, at, Math.min(at + PAGE, now.length));
      before.subarray(at, at + PAGE).copy(now, at);
      pages += 1;
    }
    await writeFile(path, now);
  }
  // The mark of the boot that is over.
  await writeFile(join(dir, `${DATABASE}.open`), 'an earlier boot\n');
  return pages;
}
