/** `verify FILE.wacz`: the zip, its manifest, the WARCs, index and pages, and the records against the bytes. */
import { createHash } from 'node:crypto';
import type { z } from 'zod';
import type { CaptureRow } from '../ledger.ts';
import { inspectCaptures, inspectChain, inspectWarcs } from './verify.ts';
import { type ArchiveIndex, newIndex, placeOf } from './verify-archive.ts';
import type { SightingClaim } from './verify-captures.ts';
import type { KeptLink } from './verify-chain.ts';
import { Inspection, plural, type Report } from './verify-report.ts';
import { type ByteSource, openFile, windows } from './verify-source.ts';
import type { StoreView } from './verify-store.ts';
import type { WarcFiles } from './verify-warcs.ts';
import { readZip } from './verify-zip.ts';
import { irregularities } from './verify-zip-frame.ts';
import {
  captureSchema,
  dataPackageSchema,
  digestSchema,
  linkSchema,
  sightingSchema,
  type WaczManifest,
} from './wacz-schema.ts';

type Entries = ReadonlyMap<string, ByteSource>;

export async function verifyWacz(path: string): Promise<Report> {
  const inspection = new Inspection();
  const file = await openFile(path);
  try {
    let entries: Entries = new Map();
    let manifest: WaczManifest | null = null;
    await inspection.holdsUnlessDamaged(
      () =>
        `${plural(inspection.counted('entries'), 'entry', 'entries')} in the zip: all that the manifest names, no others, each with the digest it states.`,
      async () => {
        const zip = await readZip(path, file, inspection);
        entries = zip.entries;
        manifest = await checkManifest(entries, inspection);
        if (!manifest) return;
        for await (const what of irregularities(file, zip.framed)) {
          inspection.damage('FILE_DAMAGED', path, what);
        }
      },
    );
    if (manifest) await inspectContent(entries, manifest, inspection);
    return inspection.report(path);
  } finally {
    await file.close();
  }
}

async function inspectContent(
  entries: Entries,
  manifest: WaczManifest,
  inspection: Inspection,
): Promise<void> {
  const index = newIndex();
  const warcs = warcsIn(entries);
  await inspectWarcs(warcs, { inspection, index });
  await inspection.holdsUnlessDamaged(
    () =>
      `${plural(index.records.size, 'index line')}: each leads to its record, every response has one.`,
    async () => {
      await checkIndex(entries, index, inspection);
      await checkPages(entries, index, inspection);
    },
  );
  const store = storeIn(entries, manifest, inspection);
  const vouched = manifest.isWhole ? await inspectChain(store, [], inspection) : null;
  await inspectCaptures(store, { inspection, index, warcs, vouched });
  if (!vouched) {
    for await (const _ of store.sightings()) inspection.count('sightings');
    inspection.note(
      'UNCHECKED',
      'the event chain',
      'is not in this export, which is a part of a store',
    );
  }
  const { captures, sightings } = manifest.counts;
  if (
    inspection.counted('captures') !== captures ||
    inspection.counted('sightings') !== sightings
  ) {
    inspection.damage(
      'MANIFEST_MISMATCH',
      'records',
      `hold ${inspection.counted('captures')} captures and ${inspection.counted('sightings')} sightings; the manifest counts ${captures} and ${sightings}`,
    );
  }
}

const MANIFEST = 'datapackage.json';
const MANIFEST_DIGEST = 'datapackage-digest.json';
/** A manifest names a handful of files; what is larger is no manifest of ours. */
const MAX_MANIFEST = 16 * 1024 * 1024;

async function checkManifest(
  entries: Entries,
  inspection: Inspection,
): Promise<WaczManifest | null> {
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
  if (!manifest || !digest || !source) return null;
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
  if (manifest.embedkeep) return manifest.embedkeep;
  inspection.note(
    'UNCHECKED',
    MANIFEST,
    'was not made by embedkeep: only the digests of the files were checked',
  );
  return null;
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

async function sha256Of(source: ByteSource): Promise<string> {
  const hash = createHash('sha256');
  for await (const chunk of windows(source)) hash.update(chunk);
  return hash.digest('hex');
}

const ARCHIVE = 'archive/';

function warcsIn(entries: Entries): WarcFiles {
  return {
    name: 'WACZ',
    async *list() {
      for (const path of entries.keys()) {
        if (path.startsWith(ARCHIVE)) {
          yield await Promise.resolve({ name: path.slice(ARCHIVE.length), isOpen: false });
        }
      }
    },
    async use(name, use) {
      const entry = entries.get(ARCHIVE + name);
      return entry ? await use({ ...entry, name }) : null;
    },
  };
}

async function checkIndex(
  entries: Entries,
  index: ArchiveIndex,
  inspection: Inspection,
): Promise<void> {
  const path = 'indexes/index.cdx';
  const indexed = new Set<string>();
  let before = '';
  for await (const line of linesOf(entries, path)) {
    if (line < before) inspection.damage('INDEX_MISMATCH', path, 'is out of order');
    before = line;
    const facts = parsed(line.slice(line.indexOf('{')));
    const place = placeOf(String(facts?.['filename']), Number(facts?.['offset']));
    const record = index.records.get(place);
    if (indexed.has(place)) inspection.damage('INDEX_MISMATCH', path, `names ${place} twice`);
    indexed.add(place);
    const isRight =
      record !== undefined &&
      facts?.['url'] === record.url &&
      Number(facts['length']) === record.length &&
      facts['digest'] === `sha256:${record.payloadSha256}`;
    if (!isRight)
      inspection.damage(
        'INDEX_MISMATCH',
        path,
        `has a line that does not fit the record at ${place}`,
      );
  }
  for (const [place, record] of index.records) {
    if (!indexed.has(place) && record.removedAt === null)
      inspection.damage('INDEX_MISMATCH', path, `lacks the record at ${place}`);
  }
}

async function checkPages(
  entries: Entries,
  index: ArchiveIndex,
  inspection: Inspection,
): Promise<void> {
  const path = 'pages/pages.jsonl';
  const urls = new Set([...index.records.values()].map((record) => record.url));
  for await (const line of linesOf(entries, path)) {
    const page = parsed(line);
    if (page?.['format'] === 'json-pages-1.0') continue;
    if (!urls.has(String(page?.['url']))) {
      inspection.damage(
        'INDEX_MISMATCH',
        path,
        `names ${page?.['url']}, of which there is no record`,
      );
    }
  }
}

/** The records as a store, so that the same checks apply. Lines that are not JSON are findings and left out. */
function storeIn(entries: Entries, manifest: WaczManifest, inspection: Inspection): StoreView {
  async function* records<T>(path: string, schema: z.ZodType): AsyncGenerator<T> {
    if (!entries.has(path)) inspection.damage('FILE_MISSING', path, 'is not in the zip');
    let number = 0;
    for await (const line of linesOf(entries, path)) {
      number += 1;
      const value = parsed(line);
      // What was parsed and not what the schema made of it: digests are of the whole.
      if (schema.safeParse(value).success) yield value as T;
      else
        inspection.damage('FILE_DAMAGED', `${path} line ${number}`, 'is not a record of its kind');
    }
  }
  return {
    captures: () => records<CaptureRow>('records/captures.jsonl', captureSchema),
    sightings: () => records<SightingClaim>('records/sightings.jsonl', sightingSchema),
    async *links() {
      type Line = Omit<KeptLink, 'rows'> & { readonly bodies: readonly string[] };
      for await (const { bodies, ...link } of records<Line>('records/events.jsonl', linkSchema)) {
        yield { ...link, rows: bodies.map((body) => ({ body, columns: null })) };
      }
    },
    head: () => Promise.resolve(manifest.chain),
  };
}

/** A line of a record holds one embed or one capture; longer ones are cut, and then are no JSON any more. */
const MAX_LINE = 64 * 1024 * 1024;

async function* linesOf(entries: Entries, path: string): AsyncGenerator<string> {
  const source = entries.get(path);
  if (!source) return;
  let rest = Buffer.alloc(0);
  for await (const chunk of windows(source)) {
    rest = rest.length === 0 ? Buffer.from(chunk) : Buffer.concat([rest, chunk]);
    let from = 0;
    for (let end = rest.indexOf(10); end !== -1; end = rest.indexOf(10, from)) {
      yield rest.toString('utf8', from, end);
      from = end + 1;
    }
    rest = rest.subarray(from, from + MAX_LINE);
  }
  if (rest.length > 0) yield rest.toString('utf8');
}

function parsed(text: string): Record<string, unknown> | null {
  try {
    const value: unknown = JSON.parse(text);
    return typeof value === 'object' && value !== null && !Array.isArray(value)
      ? (value as Record<string, unknown>)
      : null;
  } catch {
    return null;
  }
}
