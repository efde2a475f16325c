/** `verify FILE.wacz`: the zip, its manifest, the WARCs, index and pages, and the records against the bytes. */
import type { z } from 'zod';
import { inspectCaptures, inspectChain, inspectWarcs } from './verify.ts';
import { type ArchiveIndex, withIndex } from './verify-archive.ts';
import { Inspection, plural, type Report } from './verify-report.ts';
import { type ByteSource, openFile, sha256Of } from './verify-source.ts';
import { checkIndex, checkPages } from './verify-wacz-index.ts';
import { checkCounts, storeIn } from './verify-wacz-records.ts';
import { readZip } from './verify-zip.ts';
import { irregularities } from './verify-zip-frame.ts';
import { type Vouched, withVouched } from './vouched.ts';
import { type Entries, parsed, warcsIn } from './wacz-entries.ts';
import { dataPackageSchema, digestSchema, isLater, type WaczManifest } from './wacz-schema.ts';

export async function verifyWacz(path: string): Promise<Report> {
  const inspection = new Inspection();
  const file = await openFile(path);
  try {
    await inspectWacz(file, inspection);
    return inspection.report(path);
  } finally {
    await file.close();
  }
}

export interface Inspected {
  /** Sound entries, readable while the file is open. */
  readonly entries: Entries;
  /** Null where embedkeep did not make it, or it is not readable. */
  readonly manifest: WaczManifest | null;
  /** A later embedkeep made it. */
  readonly isLater: boolean;
}

export async function inspectWacz(file: ByteSource, inspection: Inspection): Promise<Inspected> {
  const path = file.name;
  let entries: Entries = new Map();
  let said: Said;
  let manifest: WaczManifest | null = null;
  await inspection.holdsUnlessDamaged(
    () =>
      `${plural(inspection.counted('entries'), 'entry', 'entries')} in the zip: all that the manifest names, no others, each with the digest it states.`,
    async () => {
      const zip = await readZip(path, file, inspection);
      entries = zip.entries;
      said = await checkManifest(entries, inspection);
      if (!said || isLater(said)) return;
      manifest = said as WaczManifest;
      for await (const what of irregularities(file, zip.framed)) {
        inspection.damage('FILE_DAMAGED', path, what);
      }
    },
  );
  if (manifest) {
    const found = { entries, manifest };
    await withIndex((index) =>
      withVouched((vouched) => inspectContent(found, { index, vouched, inspection })),
    );
  }
  return { entries, manifest, isLater: isLater(said) };
}

type Said = z.infer<typeof dataPackageSchema>['embedkeep'];

async function inspectContent(
  { entries, manifest }: { entries: Entries; manifest: WaczManifest },
  { index, vouched, inspection }: { index: ArchiveIndex; vouched: Vouched; inspection: Inspection },
): Promise<void> {
  const warcs = warcsIn(entries);
  await inspectWarcs(warcs, { inspection, index });
  let lines = 0;
  await inspection.holdsUnlessDamaged(
    () => `${plural(lines, 'index line')}: each leads to its record, every response has one.`,
    async () => {
      lines = await checkIndex(entries, index, inspection);
      await checkPages(entries, index, inspection);
    },
  );
  const store = storeIn(entries, manifest, inspection);
  const { isWhole } = manifest;
  if (isWhole) await inspectChain(store, { inspection, vouched });
  await inspectCaptures(store, { inspection, index, warcs, vouched: isWhole ? vouched : null });
  if (!isWhole) {
    for await (const _ of store.sightings()) inspection.count('sightings');
    inspection.note(
      'UNCHECKED',
      'the event chain',
      'is not in this export, which is a part of a store',
    );
  }
  await checkCounts(entries, manifest, inspection);
}

const MANIFEST = 'datapackage.json';
const MANIFEST_DIGEST = 'datapackage-digest.json';
/** A manifest names a handful of files; what is larger is no manifest of ours. */
const MAX_MANIFEST = 16 * 1024 * 1024;

async function checkManifest(entries: Entries, inspection: Inspection): Promise<Said> {
  const manifest = await smallJson(
    entries,
    { path: MANIFEST, schema: dataPackageSchema },
    inspection,
  );
  const digest = await smallJson(
    entries,
    { path: MANIFEST_DIGEST, schema: digestSchema },
    inspection,
  );
  const source = entries.get(MANIFEST);
  if (!manifest || !digest || !source) return undefined;
  if (digest.path !== MANIFEST || digest.hash !== `sha256:${await sha256Of(source)}`) {
    inspection.damage('MANIFEST_MISMATCH', MANIFEST, `does not match ${MANIFEST_DIGEST}`);
  }
  const named = new Set([MANIFEST, MANIFEST_DIGEST]);
  for (const resource of manifest.resources) {
    const problem = named.has(resource.path) ? 'is named twice in the manifest' : null;
    named.add(resource.path);
    if (problem) inspection.damage('MANIFEST_MISMATCH', resource.path, problem);
    else await checkResource(resource, entries, inspection);
  }
  for (const path of entries.keys()) {
    if (!named.has(path)) inspection.damage('FILE_UNEXPECTED', path, 'is not in the manifest');
  }
  noteMaker(manifest.embedkeep, inspection);
  return manifest.embedkeep;
}

function noteMaker(said: Said, inspection: Inspection): void {
  if (said && !isLater(said)) return;
  const maker = said
    ? `was made by a later embedkeep (its records are version ${said.schema})`
    : 'was not made by embedkeep';
  inspection.note('UNCHECKED', MANIFEST, `${maker}: only the digests of the files were checked`);
}

async function checkResource(
  { path, hash, bytes }: { path: string; hash: string; bytes: number },
  entries: Entries,
  inspection: Inspection,
): Promise<void> {
  const entry = entries.get(path);
  if (!entry) inspection.damage('FILE_MISSING', path, 'is in the manifest and not in the zip');
  else if (entry.size !== bytes || hash !== `sha256:${await sha256Of(entry)}`) {
    inspection.damage('FILE_DAMAGED', path, 'does not match the digest in the manifest');
  }
}

async function smallJson<T>(
  entries: Entries,
  { path, schema }: { path: string; schema: z.ZodType<T> },
  inspection: Inspection,
): Promise<T | null> {
  const entry = entries.get(path);
  if (!entry) {
    inspection.damage('FILE_MISSING', path, 'is not in the zip');
    return null;
  }
  const text =
    entry.size > MAX_MANIFEST ? '' : Buffer.from(await entry.read(0, entry.size)).toString();
  const { data } = schema.safeParse(parsed(text));
  if (data === undefined)
    inspection.damage('MANIFEST_MISMATCH', path, 'does not say what it should');
  return data ?? null;
}
