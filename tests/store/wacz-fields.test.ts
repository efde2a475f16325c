/**
 * The damage matrix of an export's records: every field of every kind of line is changed in turn and the manifest made to fit, and
 * `verify` says so, or the field is listed here with the reason why it proves nothing.
 */
import { mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, beforeAll, expect, test } from 'vitest';
import { createEraser } from '../../src/store/archive/erase.ts';
import { remove } from '../../src/store/remove.ts';
import { verifyWacz } from '../../src/store/verify-wacz.ts';
import { warcsInDirectory } from '../../src/store/verify-warcs.ts';
import { writeWacz } from '../../src/store/wacz.ts';
import { snapshotOf } from '../../src/store/wacz-snapshot.ts';
import { damagesOf, type Made, make } from './verify-made.ts';
import { reseal, unzip, zip } from './wacz-made.ts';

let made: Made;
let dir: string;
let entries: Map<string, Buffer>;

beforeAll(async () => {
  made = await make();
  dir = await mkdtemp(join(tmpdir(), 'embedkeep-fields-'));
  const { store, url } = made;
  const world = { ...store.world, erase: createEraser(url, store.world.now) };
  await remove({ target: { platform: 'x', postId: '1500000000000000003' }, reason: 'r' }, world);
  const path = join(dir, 'good.wacz');
  await writeWacz(path, {
    warcs: warcsInDirectory(made.warcDir),
    snapshot: await snapshotOf(store.db),
  });
  entries = await unzip(path);
  expect(damagesOf(await verifyWacz(path))).toEqual([]);
});
afterAll(async () => {
  await made.remove();
  await rm(dir, { recursive: true });
});

const ORDER = 'says where the line stands; an import refuses lines in another order';
const CLOCKWORK = 'says when and by whom an open run is worked on, which changes without an event';
const DERIVED = 'is made of what sightings say; a rebuild makes it anew';
const HOUSEKEEPING = 'says what a start of the program has still to do';

/** Field to why nothing holds it. */
const UNHELD: Readonly<Record<string, string>> = {
  'records/runs.jsonl link': ORDER,
  'records/runs.jsonl run.seq': ORDER,
  'records/runs.jsonl run.waits': CLOCKWORK,
  'records/runs.jsonl run.due_at': CLOCKWORK,
  'records/runs.jsonl run.wait_reason': CLOCKWORK,
  'records/runs.jsonl run.wake_at': CLOCKWORK,
  'records/runs.jsonl run.deaths': CLOCKWORK,
  'records/runs.jsonl article.seq': ORDER,
  'records/captures.jsonl link': ORDER,
  'records/captures.jsonl columns.seq': ORDER,
  'records/captures.jsonl columns.erased_at': HOUSEKEEPING,
  'records/posts.jsonl post.articles': DERIVED,
  'records/posts.jsonl columns.id': ORDER,
  'records/posts.jsonl columns.fingerprint': DERIVED,
  'records/posts.jsonl columns.handles.[]': DERIVED,
  'records/posts.jsonl columns.handles': DERIVED,
};

type Path = readonly (string | number)[];

/** Of every value that is no box, and of empty boxes. */
function* leaves(value: unknown, path: Path = []): Generator<Path> {
  const inner = typeof value === 'object' && value !== null ? Object.entries(value) : [];
  if (inner.length === 0) yield path;
  for (const [key, one] of inner) {
    yield* leaves(one, [...path, Array.isArray(value) ? Number(key) : key]);
  }
}

const valueAt = (value: unknown, path: Path): unknown =>
  path.reduce((box, key) => (box as Record<string, unknown>)[key], value);

function other(value: unknown): unknown {
  if (typeof value === 'string') {
    const time = Date.parse(value);
    const isTime = value.startsWith('20') && !Number.isNaN(time);
    return isTime ? new Date(time + 3_600_000).toISOString() : `${value}x`;
  }
  if (typeof value === 'number') return value + 1;
  if (typeof value === 'boolean') return !value;
  return Array.isArray(value) ? ['x'] : 'x';
}

interface Field {
  readonly file: string;
  readonly name: string;
  readonly line: number;
  readonly path: Path;
}

/** Each once, where it says something if it does anywhere. */
function fieldsOf(file: string): Field[] {
  const found = new Map<string, Field & { isNull: boolean }>();
  linesOf(file).forEach((text, line) => {
    const record: unknown = JSON.parse(text);
    for (const path of leaves(record)) {
      const name = `${file} ${path.map((key) => (typeof key === 'number' ? '[]' : key)).join('.')}`;
      const isNull = valueAt(record, path) === null;
      const known = found.get(name);
      if (!known || (known.isNull && !isNull)) found.set(name, { file, name, line, path, isNull });
    }
  });
  return [...found.values()];
}

const linesOf = (file: string): string[] =>
  (entries.get(file)?.toString() ?? '').split('\n').filter((line) => line !== '');

async function damagesWith({ file, line, path }: Field): Promise<readonly string[]> {
  const lines = linesOf(file).map((text, at) => {
    if (at !== line) return text;
    const record: unknown = JSON.parse(text);
    const box = valueAt(record, path.slice(0, -1)) as Record<string | number, unknown>;
    const key = path.at(-1) ?? '';
    box[key] = other(box[key]);
    return JSON.stringify(record);
  });
  const changed = join(dir, 'changed.wacz');
  await zip(changed, reseal(new Map(entries).set(file, Buffer.from(`${lines.join('\n')}\n`))));
  return damagesOf(await verifyWacz(changed));
}

test.each(['runs', 'captures', 'sightings', 'posts', 'events'])(
  'every field of records/%s.jsonl shows when it is changed, or is listed with its reason',
  async (kind) => {
    const silent: string[] = [];
    for (const field of fieldsOf(`records/${kind}.jsonl`)) {
      if ((await damagesWith(field)).length === 0) silent.push(field.name);
    }
    expect(silent).toEqual(Object.keys(UNHELD).filter((name) => name.includes(`/${kind}.`)));
  },
  120_000,
);
