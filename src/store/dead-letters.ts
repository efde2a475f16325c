/** What failed for good, as a person works it off: by host and reason, not one by one. */
import { sql } from 'kysely';
import { NOWHERE } from '../capture.ts';
import { replaySource } from '../errors.ts';
import type { DeadFilter, DeadGroup } from '../reader.ts';
import type { Db } from './tables.ts';

const MOST_GROUPS = 1000;

/** Of a failed run `r`: the capture whose page it kept, if its bytes are still there. */
export const KEPT_IN = sql<string | null>`(
  select c.id from embedkeep.captures c
  where c.id = r.capture_id and c.removed_at is null and c.location <> ${NOWHERE})`;

/** Of a run `r` and its article `a`. */
export function deadConditions(filter: DeadFilter) {
  const host = filter.host?.toLowerCase() ?? null;
  const { code = null, shape = null, articleId = null, since = null, until = null } = filter;
  return sql`(${host}::text is null or a.host = ${host})
    and (${code}::text is null or r.error_code = ${code})
    and (${shape}::text is null or r.page_shape = ${shape})
    and (${articleId}::text is null or a.id = ${articleId})
    and (${since}::timestamptz is null or r.finished_at >= ${since}::timestamptz)
    and (${until}::timestamptz is null or r.finished_at < ${until}::timestamptz)`;
}

/** Only the latest run of an article counts: what a later run has mended is not dead. */
export async function deadGroups(db: Db, filter: DeadFilter): Promise<DeadGroup[]> {
  const { rows } = await sql<Omit<DeadGroup, 'replay'>>`
    select a.host, r.error_code as code, r.page_shape as shape, count(*)::int as articles,
      count(${KEPT_IN})::int as kept, min(r.finished_at) as oldest, max(r.finished_at) as newest,
      (array_agg(r.failure->>'message' order by r.seq desc))[1] as message,
      (array_agg(a.id order by r.seq desc))[1] as "articleId"
    from embedkeep.articles a
    join embedkeep.runs r on r.id = a.last_run_id
    where a.failed_run = a.last_run_id and r.state = 'failed' and ${deadConditions(filter)}
    group by a.host, r.error_code, r.page_shape
    order by count(*) desc, a.host, r.error_code, r.page_shape
    limit ${MOST_GROUPS}`.execute(db);
  return rows.map((group) => ({ ...group, replay: replaySource(group.code) }));
}
