/** A worker frozen for longer than its lock: another one has finished its run, its late write is refused, told and counted. */
import { expect, test, vi } from 'vitest';
import type { ArticleDetail } from '../../src/reader.ts';
import { startEmbedkeep } from '../support/embedkeep.ts';
import { describeWith } from '../support/services.ts';
import { startShared } from '../support/shared.ts';

vi.setConfig({ testTimeout: 600_000, hookTimeout: 120_000 });

describeWith(['redis', 'postgres'], 'a zombie', () => {
  test('changes nothing, and the metrics say that it tried', async () => {
    const shared = await startShared({
      QUEUE_LOCK_MS: '2000',
      QUEUE_STALLED_MS: '500',
      RECONCILE_MS: '500',
    });
    const { site, settings } = shared;
    const zombie = await startEmbedkeep(settings);
    // Held until the page was asked for: the answer waits in the socket of a process that stands still.
    site.delayMs = 1000;
    const [answer] = await zombie.enqueue([`${site.origin}/story`]);
    await expect.poll(() => site.asked.length, { timeout: 60_000 }).toBe(1);
    zombie.child.kill('SIGSTOP');
    site.delayMs = 0;
    const heir = await startEmbedkeep(settings);
    const stateOf = async () => (await heir.runs([answer?.runId ?? '']))[0];
    await expect.poll(async () => (await stateOf())?.state, { timeout: 90_000 }).toBe('done');
    const before = await heir.get<ArticleDetail>(`/v1/articles/${answer?.articleId}`);

    zombie.child.kill('SIGCONT');
    const late = () => zombie.lines.find((line) => line['msg'] === 'late write refused');
    await expect.poll(late, { timeout: 60_000 }).toMatchObject({
      runId: answer?.runId,
      code: 'LOCK_LOST',
    });
    const metrics = await (await fetch(`${zombie.address}/metrics`)).text();
    expect(metrics).toMatch(/embedkeep_late_writes_refused_total\{code="LOCK_LOST"\} [1-9]/);
    expect(zombie.lines.map((line) => line['msg'])).not.toContain('run interrupted by the store');
    expect(await heir.get(`/v1/articles/${answer?.articleId}`)).toEqual(before);
    expect(before.captures).toHaveLength(1);
    for (const part of [zombie, heir]) await part.end('SIGKILL');
    await shared.stop();
  });
});
