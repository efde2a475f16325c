/** What failed for good, as a person works it off: by host and reason, not one by one. */
import { sql } from 'kysely';
import type { DeadFilter, DeadGroup } from '../ledger.ts';
import type { Db } from './tables.ts';

const MOST_GROUPS = 1000;

/** Only the latest run of an article counts: what a later run has mended is not dead. */
export async function deadGroups(db: Db, filter: DeadFilter): Promise<DeadGroup[]> {
  const host = filter.host?.toLowerCase() ?? null;
  const code = filter.code ?? null;
  const articleId = filter.articleId ?? null;
  const { rows } = await sql<DeadGroup>`
    select a.host, r.error_code as code, count(*)::int as articles,
      min(r.finished_at) as oldest, max(r.finished_at) as newest,
      (array_agg(r.failure->>'message' order by r.seq desc))[1] as message,
      (array_agg(a.id order by r.seq desc))[1] as "articleId"
    from embedkeep.runs r join embedkeep.articles a on a.last_run_id = r.id
    where r.state = 'failed'
      and (${host}::text is null or a.host = ${host})
      and (${code}::text is null or r.error_code = ${code})
      and (${articleId}::text is null or a.id = ${articleId})
    group by a.host, r.error_code
    order by count(*) desc, a.host, r.error_code
    limit ${MOST_GROUPS}`.execute(db);
  return rows;
}
