/** A WACZ that is whole says so; whatever is done to it shows, entry by entry. */
import { mkdtemp, readdir, readFile, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import { createEraser, eraseRecord } from '../../src/store/archive/erase.ts';
import { importFile, remove } from '../../src/store/index.ts';
import { verifyWacz } from '../../src/store/verify-wacz.ts';
import { warcsInDirectory } from '../../src/store/verify-warcs.ts';
import { type WaczOptions, writeWacz } from '../../src/store/wacz.ts';
import { snapshotOf } from '../../src/store/wacz-snapshot.ts';
import { damagesOf, type Made, make } from './verify-made.ts';
import { reseal, seal, unzip, zip } from './wacz-made.ts';

let made: Made;
let dir: string;
let good: string;
let entries: Map<string, Buffer>;
let options: WaczOptions;

beforeAll(async () => {
  made = await make();
  dir = await mkdtemp(join(tmpdir(), 'embedkeep-wacz-'));
  good = join(dir, 'good.wacz');
  const warcs = warcsInDirectory(made.warcDir);
  options = { warcs, snapshot: await snapshotOf(made.store.db) };
  await writeWacz(good, options);
  entries = await unzip(good);
});
afterAll(async () => {
  await made.remove();
  await rm(dir, { recursive: true });
});

describe('an export', () => {
  test('is whole, and says what it holds', async () => {
    const report = await verifyWacz(good);
    expect(damagesOf(report)).toEqual([]);
    expect(report).toMatchObject({
      ok: true,
      notes: 0,
      checked: { captures: 4, sightings: 4, records: 11, files: 1 },
    });
    expect(report.holds).toHaveLength(9);
    expect([...entries.keys()]).toEqual([
      'archive/embedkeep-00000.warc.gz',
      'indexes/index.cdx',
      'pages/pages.jsonl',
      'records/runs.jsonl',
      'records/captures.jsonl',
      'records/sightings.jsonl',
      'records/posts.jsonl',
      'records/events.jsonl',
      'datapackage.json',
      'datapackage-digest.json',
    ]);
  });

  test('in parts of bounded size is whole too', async () => {
    const path = join(dir, 'parts.wacz');
    await writeWacz(path, { ...options, partBytes: 1200 });
    const report = await verifyWacz(path);
    expect(damagesOf(report)).toEqual([]);
    expect(report.checked.files).toBeGreaterThan(2);
    expect(report.checked.captures).toBe(4);
  });

  test('of one unchanged page brings the body along that its revisit stands for, and no chain', async () => {
    const path = join(dir, 'one.wacz');
    const { id } = await made.store.db
      .selectFrom('captures')
      .select('id')
      .where('revisit', '=', true)
      .executeTakeFirstOrThrow();
    await writeWacz(path, { ...options, snapshot: await snapshotOf(made.store.db, new Set([id])) });
    const report = await verifyWacz(path);
    expect(damagesOf(report)).toEqual([]);
    expect(report.checked).toMatchObject({ captures: 1, sightings: 1, records: 5, links: 0 });
    expect(report.findings.map(({ code }) => code)).toContain('UNCHECKED');
  });

  test('leaves out what came after it began, so that it is whole in itself', async () => {
    const path = join(dir, 'snapshot.wacz');
    const snapshot = await snapshotOf(made.store.db);
    await made.store.ledger.accept([]);
    await made.ingestMore();
    await writeWacz(path, { ...options, snapshot });
    const report = await verifyWacz(path);
    expect(damagesOf(report)).toEqual([]);
    expect(report.checked.captures).toBe(4);
  });

  test('of a damaged archive fails and leaves no file behind', async () => {
    const [name = ''] = (await readdir(made.warcDir)).toSorted();
    const whole = await readFile(join(made.warcDir, name));
    await writeFile(join(made.warcDir, name), whole.subarray(0, 900));
    await expect(writeWacz(join(dir, 'bad.wacz'), options)).rejects.toThrow();
    await writeFile(join(made.warcDir, name), whole);
    expect((await readdir(dir)).filter((file) => file.startsWith('bad'))).toEqual([]);
  });
});

test('a takedown is noted in an export, and one that the chain does not know is damage', async () => {
  const one = await make();
  const path = join(dir, 'removed.wacz');
  const erase = createEraser(one.url, () => new Date());
  const target = { platform: 'x', postId: '1500000000000000003' };
  await remove({ target, reason: 'court order' }, { ...one.store.world, erase });
  const warcs = warcsInDirectory(one.warcDir);
  await writeWacz(path, { warcs, snapshot: await snapshotOf(one.store.db) });
  const report = await verifyWacz(path);
  expect(damagesOf(report)).toEqual([]);
  expect(report.findings.map(({ code }) => code)).toEqual(['REMOVED', 'REMOVED']);
  expect((await unzip(path)).get('records/sightings.jsonl')?.toString()).toContain('"removed"');
  const named = await one.store.db
    .selectFrom('captures')
    .selectAll()
    .where('status', '=', 404)
    .execute();
  for (const { location, blob_offset: offset, blob_length: length } of named) {
    await eraseRecord(join(one.warcDir, location), { offset, length }, new Date().toISOString());
  }
  await one.store.db
    .updateTable('captures')
    .set({ removed_at: new Date().toISOString() })
    .where('status', '=', 404)
    .execute();
  expect((await one.damages()).join('\n')).toContain('that the event chain does not know');
  await one.remove();
});

describe('damage', () => {
  test('a flipped bit anywhere shows', async () => {
    const whole = await readFile(good);
    const path = join(dir, 'flipped.wacz');
    const silent: number[] = [];
    for (let at = 0; at < whole.length; at += 67) {
      const bytes = Buffer.from(whole);
      bytes[at] = (bytes[at] ?? 0) ^ (1 << (at % 8));
      await writeFile(path, bytes);
      if ((await verifyWacz(path)).ok) silent.push(at);
    }
    expect(silent).toEqual([]);
  }, 300_000);

  test('cut anywhere, it is no whole zip', async () => {
    const whole = await readFile(good);
    const path = join(dir, 'cut.wacz');
    for (const part of [0, 0.1, 0.5, 0.9, 0.999]) {
      await writeFile(path, whole.subarray(0, Math.floor(whole.length * part)));
      expect((await verifyWacz(path)).ok).toBe(false);
    }
  });

  test('any entry dropped, doubled, renamed, emptied or swapped with another shows', async () => {
    const names = [...entries.keys()];
    for (const name of names) {
      const others = [...entries].filter(([other]) => other !== name);
      const bytes = entries.get(name) ?? Buffer.alloc(0);
      expect(await damagesAfter(others), `${name} dropped`).not.toEqual([]);
      expect(await damagesAfter([...entries, [name, bytes]]), `${name} doubled`).not.toEqual([]);
      expect(await damagesAfter([...others, [`${name}x`, bytes]]), `${name} renamed`).not.toEqual(
        [],
      );
      expect(
        await damagesAfter([...others, [name, Buffer.alloc(0)]]),
        `${name} emptied`,
      ).not.toEqual([]);
    }
    const [first = '', second = ''] = names;
    const swapped = new Map(entries)
      .set(first, entries.get(second) ?? Buffer.alloc(0))
      .set(second, entries.get(first) ?? Buffer.alloc(0));
    expect(await damagesAfter([...swapped])).not.toEqual([]);
  });

  const lines = (text: string) => text.trimEnd().split('\n');
  const edits: [what: string, path: string, edit: (text: string) => string][] = [
    [
      'a capture with another time',
      'records/captures.jsonl',
      (t) => t.replace('"fetchedAt":"2026', '"fetchedAt":"2025'),
    ],
    ['a capture dropped', 'records/captures.jsonl', (t) => `${lines(t).slice(1).join('\n')}\n`],
    ['a capture doubled', 'records/captures.jsonl', (t) => `${t}${lines(t)[0]}\n`],
    ["two captures with each other's ids", 'records/captures.jsonl', swapIds],
    [
      'a sighting with other words',
      'records/sightings.jsonl',
      (t) => t.replace('The harbour is open', 'The harbour is shut'),
    ],
    ['a sighting dropped', 'records/sightings.jsonl', (t) => `${lines(t).slice(1).join('\n')}\n`],
    [
      'a post with other words than its sightings have',
      'records/posts.jsonl',
      (t) => t.replace('A second one', 'A third one'),
    ],
    [
      'a post without its words',
      'records/posts.jsonl',
      (t) => t.replace('"text":"A second one"', '"text":null'),
    ],
    [
      'a post under another id',
      'records/posts.jsonl',
      (t) => t.replace('"postId":"1500000000000000002"', '"postId":"9"'),
    ],
    ['a post doubled', 'records/posts.jsonl', (t) => `${lines(t)[0]}\n${lines(t)[0]}\n`],
    [
      'a sighting that is filed under another post',
      'records/sightings.jsonl',
      (t) =>
        t.replace(
          '"platform":"x","postId":"1500000000000000002"',
          '"platform":"x","postId":"1500000000000000003"',
        ),
    ],
    [
      'a capture that disowns its bytes',
      'records/captures.jsonl',
      (t) => t.replace(/"location":"[^"]+"/, '"location":""'),
    ],
    ['an event changed', 'records/events.jsonl', (t) => t.replace('seen', 'gone')],
    ['a link dropped', 'records/events.jsonl', (t) => `${lines(t).toSpliced(2, 1).join('\n')}\n`],
    ['the chain cut', 'records/events.jsonl', (t) => `${lines(t).slice(0, -1).join('\n')}\n`],
    [
      'two links swapped',
      'records/events.jsonl',
      (t) => `${[lines(t)[1], lines(t)[0], ...lines(t).slice(2)].join('\n')}\n`,
    ],
    ['an index line dropped', 'indexes/index.cdx', (t) => `${lines(t).slice(1).join('\n')}\n`],
    [
      'index lines in another order',
      'indexes/index.cdx',
      (t) => `${lines(t).toReversed().join('\n')}\n`,
    ],
    [
      'an index line that leads elsewhere',
      'indexes/index.cdx',
      (t) => t.replace(/"offset":"\d+"/, '"offset":"1"'),
    ],
    [
      'an index line with another digest',
      'indexes/index.cdx',
      (t) => t.replace(/"digest":"sha256:[0-9a-f]{4}/, '"digest":"sha256:0000'),
    ],
    [
      'a page that was never fetched',
      'pages/pages.jsonl',
      (t) => t.replace('/harbour', '/airport'),
    ],
    ['a line that is no record', 'records/captures.jsonl', (t) => `${t}{"id":1}\n`],
  ];
  test.each(edits)('%s shows, although the manifest was made to fit', async (_, path, edit) => {
    const before = entries.get(path)?.toString() ?? '';
    const after = edit(before);
    expect(after).not.toBe(before);
    expect(await damagesAfter(reseal(new Map(entries).set(path, Buffer.from(after))))).not.toEqual(
      [],
    );
  });

  test.each([
    ['pages/pages.jsonl', 'does not match the digest in the manifest'],
    ['datapackage.json', 'does not match datapackage-digest.json'],
  ])('%s with a letter changed, and the zip made to fit, %s', async (name, told) => {
    const before = entries.get(name)?.toString() ?? '';
    const after = before.replace('"title"', '"Title"');
    expect(after).not.toBe(before);
    const found = await damagesAfter(new Map(entries).set(name, Buffer.from(after)));
    expect(found.join('\n')).toContain(told);
  });

  test('an export resealed without any edit is whole: what the edits show is the edits', async () => {
    expect(await damagesAfter(reseal(new Map(entries)))).toEqual([]);
  });
});

describe('a zip that a stranger made', () => {
  test.each([
    ['../escape', 'could lead out'],
    ['/etc/passwd', 'could lead out'],
    ['archive/../../x', 'could lead out'],
    ['a\\b', 'could lead out'],
    ['C:/x', 'could lead out'],
    ['archive/x', 'is not in the manifest'],
  ])('with an entry %s is refused for it', async (name, words) => {
    const path = join(dir, 'named.wacz');
    // Neutral name first: the zip writer itself refuses the bad ones.
    const neutral = 'q'.repeat(name.length);
    await zip(path, [...entries, [neutral, Buffer.from('x')]]);
    const bytes = await readFile(path);
    await writeFile(path, bytes.toString('latin1').replaceAll(neutral, name), 'latin1');
    expect(damagesOf(await verifyWacz(path)).join('\n')).toContain(words);
  });

  test('with a link, a compressed entry or a comment is refused for it', async () => {
    const path = join(dir, 'shaped.wacz');
    const add = (options: { mode?: number; compress?: boolean; fileComment?: string }) =>
      zip(path, [...entries], (file) => file.addBuffer(Buffer.alloc(1000), 'extra', options));
    await add({ mode: 0o12_0777, compress: false });
    expect(damagesOf(await verifyWacz(path)).join('\n')).toContain('is not a regular file');
    await add({ compress: true });
    expect(damagesOf(await verifyWacz(path)).join('\n')).toContain('is compressed');
    await add({ compress: false, fileComment: 'hello' });
    expect(damagesOf(await verifyWacz(path)).join('\n')).toContain('carries a comment');
  });

  test('with more entries than any export has is refused before they are read', async () => {
    const path = join(dir, 'many.wacz');
    const bytes = await readFile(good);
    const end = bytes.lastIndexOf('PK\u0005\u0006');
    bytes.writeUInt16LE(60_000, end + 8);
    bytes.writeUInt16LE(60_000, end + 10);
    await writeFile(path, bytes);
    const report = await verifyWacz(path);
    expect(damagesOf(report).join('\n')).toContain('lists 60000 entries');
    expect(report.checked.entries).toBe(0);
  });

  test.each(['', 'not a zip', 'PK\u0005\u0006'])('that is %j is no zip', async (text) => {
    const path = join(dir, 'none.wacz');
    await writeFile(path, text);
    expect(damagesOf(await verifyWacz(path)).join('\n')).toContain('is not a sound zip');
  });

  test('made by a later embedkeep is checked as far as its manifest goes, and not called damaged', async () => {
    const theirs = JSON.parse(entries.get('datapackage.json')?.toString() ?? '');
    const embedkeep = { schema: 99, isWhole: 'in a way that is not known yet' };
    const changed = JSON.stringify({ ...theirs, embedkeep });
    const path = join(dir, 'later.wacz');
    await zip(path, seal(new Map(entries).set('datapackage.json', Buffer.from(changed))));
    const report = await verifyWacz(path);
    expect(report.ok).toBe(true);
    expect(report.findings.map(({ what }) => what).join()).toContain('a later embedkeep');
    await expect(importFile(path, {} as never)).rejects.toMatchObject({ code: 'SCHEMA_NEWER' });
  });

  test('made by others is checked as far as its manifest goes', async () => {
    const { embedkeep: _, ...theirs } = JSON.parse(
      entries.get('datapackage.json')?.toString() ?? '',
    );
    const changed = new Map(entries).set('datapackage.json', Buffer.from(JSON.stringify(theirs)));
    const path = join(dir, 'theirs.wacz');
    await zip(path, seal(changed));
    const report = await verifyWacz(path);
    expect(report.ok).toBe(true);
    expect(report.findings.map(({ what }) => what).join()).toContain('was not made by embedkeep');
  });
});

async function damagesAfter(changed: Iterable<[string, Buffer]>): Promise<string[]> {
  const path = join(dir, 'changed.wacz');
  await zip(path, changed);
  return damagesOf(await verifyWacz(path));
}

function swapIds(text: string): string {
  const captures = text
    .trimEnd()
    .split('\n')
    .map((line) => JSON.parse(line));
  const [a, b] = captures;
  [a.id, b.id] = [b.id, a.id];
  return `${captures.map((capture) => JSON.stringify(capture)).join('\n')}\n`;
}
