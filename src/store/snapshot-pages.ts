/** The captures and runs of a store in the order in which its chain names them first, a page at a time. */
import { type Selectable, sql } from 'kysely';
import type { ChainHead } from './event-chain.ts';
import type { CaptureTable, Db } from './tables.ts';

export interface World {
  readonly db: Db;
  readonly head: ChainHead;
  readonly wanted: { has(captureId: string): boolean } | null;
}

const PAGE = 200;

export interface Named {
  readonly id: string;
  readonly link: number;
}

/** What the events up to the head name for the first time, in their order. */
export async function* named(
  { db, head }: World,
  what: 'capture_id' | 'run_id',
): AsyncGenerator<readonly Named[]> {
  const column = sql.ref(`e.${what}`);
  for (let after = 0; ; ) {
    const { rows } = await sql<Named & { seq: number }>`
      select e.seq, e.link, ${column} as id from embedkeep.events e
      where e.seq > ${after} and e.seq <= ${head.events} and ${column} is not null
        and e.kind not in ('seen', 'changed', 'vanished')
        and not exists (select from embedkeep.events p where p.article_id = e.article_id
          and p.seq < e.seq and ${sql.ref(`p.${what}`)} = ${column})
      order by e.seq limit ${PAGE}`.execute(db);
    const last = rows.at(-1);
    if (!last) return;
    yield rows;
    after = last.seq;
  }
}

export async function* capturePages(world: World): AsyncGenerator<readonly Named[]> {
  const { wanted } = world;
  for await (const page of named(world, 'capture_id')) {
    const kept = wanted ? page.filter(({ id }) => wanted.has(id)) : page;
    if (kept.length > 0) yield kept;
  }
}

export const idsOf = (page: readonly { id: string }[]): string[] => page.map(({ id }) => id);
export const anyOf = (ids: readonly (string | number)[]) => sql<string>`any(${ids}::text[])`;

export interface Found extends Named {
  readonly row: Selectable<CaptureTable>;
}

export async function capturesOf(db: Db, page: readonly Named[]): Promise<Found[]> {
  const rows = await db
    .selectFrom('captures')
    .selectAll()
    .where('id', '=', anyOf(idsOf(page)))
    .execute();
  const byId = new Map(rows.map((row) => [row.id, row]));
  return page.flatMap((one) => {
    const row = byId.get(one.id);
    return row ? [{ ...one, row }] : [];
  });
}

/** The parsers that read a capture up to the head: `capture parser`. */
export async function readings({ db, head }: World, page: readonly Named[]): Promise<Set<string>> {
  const { rows } = await sql<{ capture_id: string; body: string }>`
    select capture_id, body from embedkeep.events
    where article_id in (select article_id from embedkeep.captures where id = ${anyOf(idsOf(page))})
      and capture_id = ${anyOf(idsOf(page))} and seq <= ${head.events}
      and kind not in ('seen', 'changed', 'vanished')`.execute(db);
  return new Set(
    rows.map(({ capture_id: id, body }) => {
      const { detail } = JSON.parse(body) as { detail?: { parser?: string } };
      return `${id} ${detail?.parser}`;
    }),
  );
}
