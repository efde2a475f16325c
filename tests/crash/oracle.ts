/** What must hold after any crash: nothing accepted is lost, nothing is doubled, every byte verifies. */
import { createHash } from 'node:crypto';
import type { ArticleDetail, Run } from '../../src/ledger.ts';
import type { Embedkeep } from '../support/embedkeep.ts';

export interface Verdict {
  readonly accepted: number;
  /** Accepted, and neither final nor waiting for its next try. */
  readonly lost: number;
  /** Captures of one run beyond the first, and articles whose one post was seen twice. */
  readonly doubled: number;
  /** Captures whose bytes do not match their digest. */
  readonly damaged: number;
  readonly failed: number;
}

export async function judge(server: Embedkeep, runIds: readonly string[]): Promise<Verdict> {
  let [lost, doubled, damaged, failed] = [0, 0, 0, 0];
  for (const id of runIds) {
    const run = await server.get<Run>(`/v1/runs/${id}`);
    if (run.state === 'failed') failed += 1;
    if (run.state !== 'done' && run.state !== 'failed' && run.state !== 'waiting') lost += 1;
    const detail = await server.get<ArticleDetail>(`/v1/articles/${run.articleId}`);
    const own = detail.captures.filter((capture) => capture.runId === id);
    if (run.state === 'done' && own.length === 0) lost += 1;
    doubled += Math.max(0, own.length - 1) + Math.max(0, detail.embeds.length - 1);
    for (const { id: captureId, stored } of own) {
      const response = await fetch(`${server.address}/v1/captures/${captureId}/body`);
      const body = Buffer.from(await response.arrayBuffer());
      if (createHash('sha256').update(body).digest('hex') !== stored.sha256) damaged += 1;
    }
  }
  return { accepted: runIds.length, lost, doubled, damaged, failed };
}
