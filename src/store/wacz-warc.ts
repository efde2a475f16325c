/**
 * The WARC part of an export: the members of the wanted captures, byte for byte as they lie in the archive, in new files
 * of bounded size, with the index line and the new place of each.
 */
import { EmbedkeepError } from '../errors.ts';
import { warcinfo } from './archive/capture-records.ts';
import { REMOVED_FIELD } from './archive/erase.ts';
import { serializeRecord } from './archive/warc-record.ts';
import type { DiskShelf } from './shelf.ts';
import { placeOf } from './verify-archive.ts';
import { fieldOf, type RecordFacts, readRecord } from './verify-record.ts';
import type { ByteSource } from './verify-source.ts';
import type { WarcFiles } from './verify-warcs.ts';

/** Where captures lie, that is their last records; file by file in order. */
export type Wanted = DiskShelf<true>;

const LARGEST = String(Number.MAX_SAFE_INTEGER).length;

/** A file's name has no line break, so all places of one stand together. */
export const want = (
  wanted: Wanted,
  { location, offset }: Pick<NewPlace, 'location' | 'offset'>,
): boolean => wanted.add(`${location}\n${String(offset).padStart(LARGEST, '0')}`, true);

/** Each file with its offsets; those of one file are in memory. */
function* wantedFiles(wanted: Wanted): Generator<[location: string, offsets: Set<number>]> {
  let file: [location: string, offsets: Set<number>] | null = null;
  for (const [key] of wanted.entries()) {
    const [location = '', offset] = key.split('\n');
    if (file && file[0] !== location) yield file;
    if (file?.[0] !== location) file = [location, new Set()];
    file[1].add(Number(offset));
  }
  if (file) yield file;
}

/** Where the last record of a capture lies in the export. */
export interface NewPlace {
  readonly location: string;
  readonly offset: number;
  readonly length: number;
  /** Of the capture's first record: request and response of every hop stand from here on. */
  readonly start: number;
}

export interface Copied {
  /** Old place to new one. */
  readonly places: DiskShelf<NewPlace>;
  /** Lines of CDXJ; a shelf has them in order. */
  readonly index: DiskShelf<true>;
}

/** Below 4 GB, so that no reader needs ZIP64 for one entry. */
const PART_BYTES = 1024 ** 3;

interface Group {
  readonly start: number;
  readonly length: number;
  readonly records: readonly RecordFacts[];
}

export interface Part {
  readonly name: string;
  readonly chunks: AsyncGenerator<Uint8Array>;
}

export interface CopyOptions {
  readonly warcs: WarcFiles;
  readonly wanted: Wanted;
  readonly software: string;
  readonly now: () => Date;
  readonly partBytes?: number;
  readonly getSurt: (url: string) => string;
}

/** Consume each part's chunks before asking for the next part. */
export async function* copyParts(options: CopyOptions, copied: Copied): AsyncGenerator<Part> {
  const { partBytes = PART_BYTES } = options;
  const groups = wantedGroups(options);
  let next = await groups.next();
  for (let number = 0; number === 0 || !next.done; number += 1) {
    const name = `embedkeep-${String(number).padStart(5, '0')}.warc.gz`;
    async function* chunks(): AsyncGenerator<Uint8Array> {
      const { software, now } = options;
      const info = await serializeRecord(warcinfo({ fileName: name, software, now: now() }));
      yield info;
      for (let offset = info.length; !next.done && offset < partBytes; next = await groups.next()) {
        const { location, group } = next.value;
        note({ location, group, name, offset, options }, copied);
        yield await bytesOf(location, group, options.warcs);
        offset += group.length;
      }
    }
    yield { name, chunks: chunks() };
  }
}

/** Groups of one file in memory at a time: a WARC may hold a hundred thousand captures. */
const GROUPS = 200;

async function* wantedGroups({
  warcs,
  wanted,
}: CopyOptions): AsyncGenerator<{ location: string; group: Group }, undefined> {
  for (const [location, offsets] of wantedFiles(wanted)) {
    for (let from = 0; offsets.size > 0; ) {
      const read = await warcs.use(location, (source) => groupsIn(source, offsets, from));
      if (!read || read.groups.length === 0) throw notThere(location, offsets);
      for (const group of read.groups) yield { location, group };
      from = read.end;
    }
  }
}

function notThere(location: string, [missing = 0]: Iterable<number>): EmbedkeepError {
  return new EmbedkeepError(
    'EVIDENCE_DAMAGED',
    `${placeOf(location, missing)} is not a capture's record; \`embedkeep verify\` says more`,
  );
}

/** Takes the offsets it finds out of the set and reads no further than the last. */
async function groupsIn(
  source: ByteSource,
  offsets: Set<number>,
  from: number,
): Promise<{ groups: Group[]; end: number }> {
  const groups: Group[] = [];
  let records: RecordFacts[] = [];
  let offset = from;
  while (offset < source.size && offsets.size > 0 && groups.length < GROUPS) {
    const record = await readRecord(source, offset);
    offset += record.length;
    if (record.type === 'warcinfo') continue;
    records.push(record);
    if (fieldOf(record.fields, 'Embedkeep-Capture-URI') === null) continue;
    const start = records[0]?.offset ?? record.offset;
    if (offsets.delete(record.offset)) groups.push({ start, length: offset - start, records });
    records = [];
  }
  return { groups, end: offset };
}

async function bytesOf(location: string, group: Group, warcs: WarcFiles): Promise<Uint8Array> {
  const bytes = await warcs.use(location, (source) => source.read(group.start, group.length));
  if (bytes?.length !== group.length) {
    throw new EmbedkeepError('EVIDENCE_DAMAGED', `${location} became shorter while it was read`);
  }
  return bytes;
}

interface Moved {
  readonly location: string;
  readonly group: Group;
  readonly name: string;
  readonly offset: number;
  readonly options: CopyOptions;
}

function note({ location, group, name, offset, options }: Moved, copied: Copied): void {
  for (const record of group.records) {
    const place = { location: name, offset: offset + record.offset - group.start };
    // Of a body that was taken down there is nothing to replay.
    const isRemoved = fieldOf(record.fields, REMOVED_FIELD) !== null;
    if (!isRemoved && (record.type === 'response' || record.type === 'revisit')) {
      copied.index.add(indexLine(record, place, options.getSurt), true);
    }
    if (record !== group.records.at(-1)) continue;
    const { length } = record;
    copied.places.set(placeOf(location, record.offset), { ...place, length, start: offset });
  }
}

const NOT_DIGIT = /\D/g;
const STATUS = /^HTTP\/\S+ (\d{3})/;

export function indexLine(
  record: RecordFacts,
  place: { location: string; offset: number },
  getSurt: (url: string) => string,
): string {
  const url = fieldOf(record.fields, 'WARC-Target-URI') ?? '';
  const time = (fieldOf(record.fields, 'WARC-Date') ?? '').replaceAll(NOT_DIGIT, '').slice(0, 14);
  const type =
    fieldOf(record.http?.fields ?? [], 'Content-Type')
      ?.split(';')[0]
      ?.trim() || 'unk';
  const facts = {
    url,
    mime: record.type === 'revisit' ? 'warc/revisit' : type.toLowerCase(),
    status: STATUS.exec(record.http?.first ?? '')?.[1] ?? '-',
    digest: fieldOf(record.fields, 'WARC-Payload-Digest') ?? '',
    length: String(record.length),
    offset: String(place.offset),
    filename: place.location,
  };
  return `${getSurt(url)} ${time} ${JSON.stringify(facts)}`;
}
