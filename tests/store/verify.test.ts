/** The damage matrix: whatever is flipped, dropped, doubled, swapped, cut or rewritten, `verify` says so. */
import { createHash, randomBytes } from 'node:crypto';
import { readFile, rename, rm, writeFile } from 'node:fs/promises';
import { basename, join } from 'node:path';
import { gunzipSync, gzipSync } from 'node:zlib';
import { sql } from 'kysely';
import { afterAll, afterEach, beforeAll, describe, expect, test } from 'vitest';
import { serializeRecord } from '../../src/store/archive/warc-record.ts';
import { linkHash } from '../../src/store/event-chain.ts';
import type { Db } from '../../src/store/tables.ts';
import { verifyArchive } from '../../src/store/verify.ts';
import { verifyWarc, withIndex } from '../../src/store/verify-archive.ts';
import { Inspection } from '../../src/store/verify-report.ts';
import { inMemory } from '../../src/store/verify-source.ts';
import { viewOf } from '../../src/store/verify-store.ts';
import { warcsInDirectory } from '../../src/store/verify-warcs.ts';
import { damagesOf, type Made, make, membersOf, warcNames } from './verify-made.ts';

let made: Made;
let path: string;
let whole: Buffer;

beforeAll(async () => {
  made = await make();
  const [name = ''] = await warcNames(made.warcDir);
  path = join(made.warcDir, name);
  whole = await readFile(path);
});
afterAll(() => made.remove());

describe('an intact archive', () => {
  test('holds, and the report says in words what was checked', async () => {
    const report = await made.verify();
    expect(damagesOf(report)).toEqual([]);
    expect(report).toMatchObject({
      ok: true,
      notes: 0,
      checked: { files: 1, records: 11, captures: 4, sightings: 4, posts: 3, runs: 4, articles: 3 },
    });
    expect(report.holds).toHaveLength(9);
    expect(report.holds.join('\n')).toContain('11 records in 1 WARC file');
  });

  test('with a write whose commit never came is whole; the record is noted', async () => {
    const location = await made.writeOrphan();
    const report = await made.verify();
    await rm(join(made.warcDir, location));
    expect(report).toMatchObject({ ok: true, notes: 1 });
    expect(report.findings[0]).toMatchObject({
      code: 'ORPHAN_RECORDS',
      what: expect.stringContaining('of a try that another one followed') as string,
    });
  });
});

afterEach(() => writeFile(path, whole));

describe('bytes', () => {
  test('a flipped bit shows wherever it is, or changes nothing that is kept', async () => {
    const content = gunzipSync(whole);
    let silent = 0;
    for (let at = 0; at < whole.length; at += 7) {
      const bytes = Buffer.from(whole);
      bytes[at] = (bytes[at] ?? 0) ^ (1 << (at % 8));
      if ((await countDamages(bytes)) > 0) continue;
      silent += 1;
      expect(gunzipSync(bytes).equals(content), `byte ${at}`).toBe(true);
    }
    // Bits that deflate leaves unused at its end, and gzip's name of the operating system: two bytes a record at most.
    expect(silent).toBeLessThan(2 * 11);
  }, 300_000);

  const cuts = [1, 7, 8, 9, 60, 500];
  test.each(cuts)('a file that lost its last %i bytes is damaged', async (lost) => {
    await writeFile(path, whole.subarray(0, -lost));
    expect(await made.damages()).not.toEqual([]);
  });

  test('a file that lost its first bytes is damaged, and what follows is still read', async () => {
    await writeFile(path, whole.subarray(5));
    const report = await made.verify();
    expect(report.ok).toBe(false);
    expect(report.checked.records).toBe(10);
  });

  test.each([
    ['much that packs well', Buffer.alloc(6_000_000, 'the same again, ')],
    ['much that does not', randomBytes(300_000)],
  ])('%s is checked in pieces: whole it holds, flipped or cut it does not', async (_, payload) => {
    const record = await serializeRecord({
      type: 'warcinfo',
      id: '<urn:uuid:1>',
      date: '2026-01-02T03:04:05.678Z',
      contentType: 'application/octet-stream',
      fields: [['WARC-Filename', basename(path)]],
      head: Buffer.alloc(0),
      payload,
    });
    expect(await countDamages(record)).toBe(0);
    expect(await countDamages(record.subarray(0, -9))).toBeGreaterThan(0);
    const flipped = Buffer.from(record);
    const at = Math.floor(record.length / 2);
    flipped[at] = (flipped[at] ?? 0) ^ 4;
    expect(await countDamages(flipped)).toBeGreaterThan(0);
  });

  test('one damaged record does not hide the others', async () => {
    const members = await membersOf(path);
    const at = members.slice(0, 4).reduce((sum, { length }) => sum + length, 0) + 40;
    const bytes = Buffer.from(whole);
    bytes[at] = (bytes[at] ?? 0) ^ 0x55;
    await writeFile(path, bytes);
    expect((await made.verify()).checked.records).toBe(10);
  });
});

describe('records', () => {
  test('dropped, doubled or swapped with any other, each shows', async () => {
    const members = await membersOf(path);
    for (let i = 0; i < members.length; i += 1) {
      await writeFile(path, Buffer.concat(members.toSpliced(i, 1)));
      expect(await made.damages(), `record ${i} dropped`).not.toEqual([]);
      await writeFile(path, Buffer.concat(members.toSpliced(i, 0, members[i] ?? Buffer.alloc(0))));
      expect(await made.damages(), `record ${i} doubled`).not.toEqual([]);
      for (let k = i + 1; k < members.length; k += 1) {
        await writeFile(path, Buffer.concat(swapped(members, i, k)));
        expect(await made.damages(), `records ${i} and ${k} swapped`).not.toEqual([]);
      }
    }
  }, 300_000);

  const sha = (text: string) => createHash('sha256').update(text, 'latin1').digest('hex');
  const END = '\r\n\r\n';
  const blockOf = (text: string) => text.slice(text.indexOf(END) + 4, -4);
  const rewrites: [what: string, edit: (text: string) => string][] = [
    ['a header of the answer', (t) => t.replace('X-Name: J', 'X-Name: K')],
    ['the body', (t) => t.replace('The harbour is open', 'The harbour is shut')],
    [
      'the body, the digest of the block made to fit',
      (t) => {
        const after = t.replace('The harbour is open', 'The harbour is shut');
        return after.replace(sha(blockOf(t)), sha(blockOf(after)));
      },
    ],
    [
      'a header of the answer, the digest of the block left out',
      (t) => t.replace('X-Name: J', 'X-Name: K').replace(/WARC-Block-Digest: [^\r]+\r\n/, ''),
    ],
    ['the digest of the body', (t) => t.replace(/(Payload-Digest: sha256:)./, '$1x')],
  ];
  test.each(rewrites)(
    '%s rewritten and packed again shows in the record alone',
    async (_, edit) => {
      const members = await membersOf(path);
      const of = (change: (text: string) => string) =>
        members.map((member) => {
          const before = gunzipSync(member).toString('latin1');
          const after = before.includes('The harbour is open') ? change(before) : before;
          const packed = gzipSync(Buffer.from(after, 'latin1'));
          packed[8] = 0;
          return packed;
        });
      expect(await countDamages(Buffer.concat(of((text) => text)))).toBe(0);
      expect(await countDamages(Buffer.concat(of(edit)))).toBeGreaterThan(0);
    },
  );

  test('rewritten in what no digest of its own is held against, each shows by what its event states', async () => {
    const members = await membersOf(path);
    const seen: string[] = [];
    for (let i = 1; i < members.length; i += 1) {
      const before = gunzipSync(members[i] ?? Buffer.alloc(0)).toString('latin1');
      const edited = before
        .replace(/(Embedkeep-Timings: .*done=)\d/, '$19')
        .replace(/(Embedkeep-Timings: .*done=)9/, '$18')
        .replace(/User-Agent: ./i, 'User-Agent: ~');
      const after = edited.replace(sha(blockOf(before)), sha(blockOf(edited)));
      expect(after, before).not.toBe(before);
      const packed = gzipSync(Buffer.from(after, 'latin1'));
      packed[8] = 0;
      const bytes = Buffer.concat(members.toSpliced(i, 1, packed));
      expect(await countDamages(bytes)).toBe(0);
      await writeFile(path, bytes);
      // Whoever rewrites a record can make the database fit, too.
      const at = members.slice(0, i).reduce((sum, { length }) => sum + length, 0);
      const by = packed.length - (members[i]?.length ?? 0);
      const undone = made.store.db.transaction().execute(async (trx) => {
        await sql`update embedkeep.captures set blob_length = blob_length + ${by}
          where blob_offset = ${at}`.execute(trx);
        await sql`update embedkeep.captures set blob_offset = blob_offset + ${by}
          where blob_offset > ${at}`.execute(trx);
        seen.push((await made.damages(trx)).join('\n'));
        throw new Error('undone');
      });
      await expect(undone).rejects.toThrow('undone');
    }
    expect(seen).toHaveLength(10);
    const told = 'has records that are not those it was kept in';
    expect(seen.filter((damages) => !damages.includes(told))).toEqual([]);
  });

  test('without the store, all but the loss of whole captures at the end shows', async () => {
    const members = await membersOf(path);
    const alone = async (bytes: Buffer) => {
      await writeFile(path, bytes);
      return damagesOf(await verifyArchive({ warcs: warcsInDirectory(made.warcDir), store: null }));
    };
    expect(await alone(whole)).toEqual([]);
    for (let i = 0; i < members.length - 1; i += 1) {
      expect(await alone(Buffer.concat(members.toSpliced(i, 1))), `record ${i}`).not.toEqual([]);
      expect(await alone(Buffer.concat(swapped(members, i, i + 1)))).not.toEqual([]);
    }
  });

  test('cut off at any record border, the loss shows', async () => {
    const members = await membersOf(path);
    for (let kept = 0; kept < members.length; kept += 1) {
      await writeFile(path, Buffer.concat(members.slice(0, kept)));
      expect(await made.damages(), `${kept} records left`).not.toEqual([]);
    }
  });
});

describe('files', () => {
  test('a missing file shows', async () => {
    await rm(path);
    const damages = await made.damages();
    expect(damages.filter((line) => line.startsWith('RECORD_MISSING'))).toHaveLength(4);
  });

  test('a file under another name shows', async () => {
    const other = join(made.warcDir, 'embedkeep-renamed.warc.gz');
    await rename(path, other);
    expect((await made.damages()).join('\n')).toContain('says that this file is embedkeep-2');
    await rename(other, path);
  });

  test('what a dead writer left half-written at the end of its own file is noted, not damage', async () => {
    await writeFile(path, Buffer.concat([whole, whole.subarray(0, 100)]));
    await writeFile(`${path}.owner`, '{}');
    const report = await made.verify();
    await rm(`${path}.owner`);
    expect(report).toMatchObject({ ok: true, notes: 1 });
  });
});

const swapped = (members: readonly Buffer[], i: number, k: number): Buffer[] =>
  members.with(i, members[k] ?? Buffer.alloc(0)).with(k, members[i] ?? Buffer.alloc(0));

async function countDamages(bytes: Buffer): Promise<number> {
  const inspection = new Inspection();
  const source = inMemory(basename(path), bytes);
  await withIndex((index) => verifyWarc(source, { inspection, index }));
  return inspection.damages;
}

describe('the store', () => {
  const statements: [what: string, statement: string, finding: string][] = [
    [
      'a capture with another digest',
      `update embedkeep.captures set sha256 = repeat('a', 64) where seq = 1`,
      'CAPTURE_MISMATCH',
    ],
    [
      'a capture with another raw digest',
      `update embedkeep.captures set raw_sha256 = repeat('a', 64) where seq = 2`,
      'CAPTURE_MISMATCH',
    ],
    [
      'a back-dated capture',
      `update embedkeep.captures set fetched_at = fetched_at - interval '1 day' where seq = 1`,
      'CAPTURE_MISMATCH',
    ],
    [
      'a capture with another final address',
      `update embedkeep.captures set final_url = 'https://news.example/other' where seq = 1`,
      'CAPTURE_MISMATCH',
    ],
    [
      'a capture with another address',
      `update embedkeep.captures set url = 'https://news.example/other' where seq = 2`,
      'CAPTURE_MISMATCH',
    ],
    [
      'a capture with another status',
      `update embedkeep.captures set status = 200 where status = 404`,
      'CAPTURE_MISMATCH',
    ],
    [
      'a capture with another size',
      `update embedkeep.captures set size = size - 1 where seq = 2`,
      'CAPTURE_MISMATCH',
    ],
    [
      'a capture with another length',
      `update embedkeep.captures set blob_length = blob_length + 1 where seq = 1`,
      'CAPTURE_MISMATCH',
    ],
    [
      'a revisit called original',
      'update embedkeep.captures set revisit = false where revisit',
      'CAPTURE_MISMATCH',
    ],
    [
      "two captures with each other's bytes",
      `update embedkeep.captures c set (blob_offset, blob_length, sha256, raw_sha256, size) =
        (select blob_offset, blob_length, sha256, raw_sha256, size from embedkeep.captures o where o.seq = 3 - c.seq) where seq in (1, 2)`,
      'CAPTURE_MISMATCH',
    ],
    [
      'a capture dropped',
      `with s as (delete from embedkeep.sightings where capture_id in (select id from embedkeep.captures where seq = 2))
        delete from embedkeep.captures where seq = 2`,
      'CAPTURE_MISSING',
    ],
    [
      'a failed capture dropped',
      'delete from embedkeep.captures where status = 404',
      'CAPTURE_MISSING',
    ],
    [
      'words put into a sighting',
      `update embedkeep.sightings set embed = replace(embed::text, 'harbour', 'airport')::json where id = 1`,
      'SIGHTING_MISMATCH',
    ],
    ['a sighting dropped', 'delete from embedkeep.sightings where id = 2', 'SIGHTING_MISMATCH'],
    [
      'a sighting moved to another capture',
      `update embedkeep.sightings set capture_id = (select id from embedkeep.captures where seq = 2) where id = 2`,
      'SIGHTING_MISMATCH',
    ],
    [
      'a forged sighting',
      `insert into embedkeep.sightings (capture_id, post_id, article_id, article_host, parser, ordinal, role, captured_at, embed)
        select capture_id, post_id, article_id, article_host, '2', 9, role, captured_at, replace(embed::text, 'open', 'closed')::json from embedkeep.sightings where id = 1`,
      'SIGHTING_MISMATCH',
    ],
    [
      'a capture that disowns its bytes',
      `update embedkeep.captures set location = '' where seq = 1`,
      'CAPTURE_MISMATCH',
    ],
    [
      'a sighting filed under another post',
      `update embedkeep.sightings set post_id = (select post_id from embedkeep.sightings where id = 2) where id = 1`,
      'POST_MISMATCH',
    ],
    ...(
      [
        ['url', `'https://x.example/other'`],
        ['author_name', `'Somebody Else'`],
        ['author_handle', `'somebody_else'`],
        ['posted_at', `replace(posted_at::text, '20', '19')::json`],
        ['lang', `'xx'`],
        ['text', `'Never said'`],
        ['text', 'null'],
        ['form', `'oembed'`],
        ['confidence', '0.123'],
        ['media', `'[{"display":"pic.example/1","url":null}]'`],
      ] as const
    ).map(([column, value]): [string, string, string] => [
      `a post with another ${column} (${value})`,
      `update embedkeep.posts set ${column} = ${value} where post_id = '1500000000000000002'`,
      'POST_MISMATCH',
    ]),
    [
      'an event changed',
      `update embedkeep.events set body = replace(body, '"kind":"seen"', '"kind":"changed"') where seq = 3`,
      'CHAIN_BROKEN',
    ],
    ['an event dropped', 'delete from embedkeep.events where seq = 3', 'CHAIN_BROKEN'],
    [
      'two events swapped',
      'update embedkeep.events set seq = case seq when 3 then 4000 else 3 end where seq in (3, 4)',
      'CHAIN_BROKEN',
    ],
    [
      'an event moved to another link',
      'update embedkeep.events set link = link + 1 where seq = 3',
      'CHAIN_BROKEN',
    ],
    [
      'an event filed under another capture',
      `update embedkeep.events set capture_id = 'c0' where kind = 'captured' and seq < 5`,
      'EVENT_MISMATCH',
    ],
    [
      'a link back-dated',
      `update embedkeep.chain_links set at = at - interval '1 day' where n = 2`,
      'CHAIN_BROKEN',
    ],
    [
      'a link dropped',
      'with e as (delete from embedkeep.events where link = 3) delete from embedkeep.chain_links where n = 3',
      'CHAIN_BROKEN',
    ],
    [
      'a link with another hash',
      `update embedkeep.chain_links set hash = repeat('b', 64) where n = 2`,
      'CHAIN_BROKEN',
    ],
    [
      'the end of the chain cut off',
      `with e as (delete from embedkeep.events where link = (select max(n) from embedkeep.chain_links))
        delete from embedkeep.chain_links where n = (select max(n) from embedkeep.chain_links)`,
      'CHAIN_BROKEN',
    ],
    ['another head', `update embedkeep.chain_head set hash = repeat('c', 64)`, 'CHAIN_BROKEN'],
  ];

  test.each(statements)('%s shows', async (_, statement, finding) => {
    await inVain(async (trx) => {
      const { numAffectedRows = 0n } = await sql.raw(statement).execute(trx);
      expect(numAffectedRows).toBeGreaterThan(0n);
      expect((await made.damages(trx)).join('\n')).toContain(finding);
    });
  });

  test('a chain cut short and sealed again with its head shows against a head noted elsewhere', async () => {
    const noted = { ...(await viewOf(made.store.db).head()), where: 'the export of Sunday' };
    await inVain(async (trx) => {
      const last = await cutLastLink(trx);
      const store = viewOf(trx);
      const warcs = warcsInDirectory(made.warcDir);
      const report = await verifyArchive({ warcs, store, checkpoints: [noted] });
      expect(damagesOf(report).join('\n')).toContain(
        `ends at link ${last - 1}, but the export of Sunday names link ${last}`,
      );
    });
  });

  test('a chain rewritten from its middle on, hashes and head included, shows against a head noted elsewhere', async () => {
    const noted = { ...(await viewOf(made.store.db).head()), where: 'the journal' };
    await inVain(async (trx) => {
      await sql
        .raw(
          `update embedkeep.events set body = replace(body, 'accepted', 'dropped'), kind = 'dropped' where seq = 1`,
        )
        .execute(trx);
      await rehash(trx);
      const store = viewOf(trx);
      const warcs = warcsInDirectory(made.warcDir);
      expect(damagesOf(await verifyArchive({ warcs, store }))).toEqual([]);
      const report = await verifyArchive({ warcs, store, checkpoints: [noted] });
      expect(damagesOf(report).join('\n')).toContain('is not the link that the journal names');
    });
  });
});

describe('the journal', () => {
  let file: string;
  let before: string;
  beforeAll(async () => {
    file = join(made.dir, 'journal', '000001.jsonl');
    before = await readFile(file, 'utf8');
  });
  afterEach(() => writeFile(file, before));
  const lines = () => before.trimEnd().split('\n');
  const edits: [what: string, edit: () => string][] = [
    ['with a changed letter', () => before.replace('news.example', 'news.exbmple')],
    ['without its first line', () => `${lines().slice(1).join('\n')}\n`],
    ['without a line within', () => `${lines().toSpliced(3, 1).join('\n')}\n`],
    ['without its last line', () => `${lines().slice(0, -1).join('\n')}\n`],
    [
      'with two lines swapped',
      () => `${[lines()[1], lines()[0], ...lines().slice(2)].join('\n')}\n`,
    ],
    ['empty', () => ''],
  ];
  test.each(edits)('%s shows', async (_, edit) => {
    expect(edit()).not.toBe(before);
    await writeFile(file, edit());
    expect(await made.damages()).not.toEqual([]);
  });

  test('that a crash tore at its end is noted, not damage', async () => {
    await writeFile(file, `${before}00000000 {"n":`);
    expect(await made.verify()).toMatchObject({ ok: true, notes: 1 });
  });

  test('that tells another story than a rewritten chain shows it', async () => {
    await inVain(async (trx) => {
      const statement = `update embedkeep.events set body = replace(body, 'accepted', 'dropped'), kind = 'dropped' where seq = 1`;
      await sql.raw(statement).execute(trx);
      await rehash(trx);
      expect((await made.damages(trx)).join('\n')).toContain(
        'is not the link that the journal names',
      );
    });
  });
});

/** In a transaction that is rolled back. */
async function inVain(use: (trx: Db) => Promise<void>): Promise<void> {
  class Undo extends Error {}
  await made.store.db
    .transaction()
    .execute(async (trx) => {
      await use(trx);
      throw new Undo();
    })
    .catch((thrown: unknown) => {
      if (!(thrown instanceof Undo)) throw thrown;
    });
}

async function cutLastLink(trx: Db): Promise<number> {
  const { n } = await trx
    .selectFrom('chain_links')
    .select('n')
    .orderBy('n', 'desc')
    .executeTakeFirstOrThrow();
  await trx.deleteFrom('events').where('link', '=', n).execute();
  await trx.deleteFrom('chain_links').where('n', '=', n).execute();
  await sql`update embedkeep.chain_head set links = ${n - 1},
    events = (select count(*) from embedkeep.events),
    hash = (select hash from embedkeep.chain_links where n = ${n - 1})`.execute(trx);
  return n;
}

/** What someone with write access to everything would do. */
async function rehash(trx: Db): Promise<void> {
  let hash = '0'.repeat(64);
  for await (const { n, at, rows } of viewOf(trx).links()) {
    hash = linkHash(hash, { n, at, bodies: rows.map((row) => row.body) });
    await trx.updateTable('chain_links').set({ hash }).where('n', '=', n).execute();
  }
  await trx.updateTable('chain_head').set({ hash }).execute();
}
