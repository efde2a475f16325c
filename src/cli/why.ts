/** `embedkeep why URL`: what an article waits for, and until when. */
import { EmbedkeepError } from '../errors.ts';
import { EXIT } from '../exit-codes.ts';
import type { Run } from '../ledger.ts';
import type { Plan } from '../plan.ts';
import type { ArticleDetail } from '../reader.ts';
import type { Server } from './connect.ts';
import { printable, printJson } from './output.ts';

/** As GET /v1/hosts/:host answers; see src/fetch/explain.ts. */
interface HostAnswer {
  readonly host: string;
  readonly waitsUntil: string | null;
  readonly reasons: readonly string[];
  readonly robots: string;
}

export async function why(server: Server, what: string, json: boolean): Promise<number> {
  const detail = await server.get<ArticleDetail>(`/v1/articles/${encodeURIComponent(what)}`);
  const { article, runs, plans } = detail;
  const run = runs[0] ?? null;
  const host = await hostOf(server, new URL(article.url));
  if (json) printJson({ article, run, host, plans });
  else
    process.stdout.write(
      `${printable(article.url)}\n${[inWords(run, host), ...plans.map(planned)].join('\n')}\n`,
    );
  return EXIT.ok;
}

function planned({ nextAt, spec, state, kind, target }: Plan): string {
  const of = kind === 'tag' ? ` of the tag ${target}` : '';
  const when = nextAt ? `${nextAt}, by the plan${of}` : `none, the plan${of} is ${state}`;
  return printable(`next capture  ${when}: ${spec}`);
}

async function hostOf(server: Server, url: URL): Promise<HostAnswer | null> {
  try {
    return await server.get<HostAnswer>(
      `/v1/hosts/${encodeURIComponent(url.host)}?url=${encodeURIComponent(url.href)}`,
    );
  } catch (thrown) {
    if (thrown instanceof EmbedkeepError && thrown.code === 'NOT_FOUND') return null;
    throw thrown;
  }
}

function inWords(run: Run | null, host: HostAnswer | null): string {
  const lines = [run ? stateOf(run) : 'was never ordered'];
  if (run?.failure && run.state !== 'done') {
    lines.push(`last failure  ${run.failure.code}: ${run.failure.message}`);
  }
  if (host) {
    lines.push(...host.reasons.map((reason) => `host          ${reason}`));
    if (host.waitsUntil) lines.push(`host until    ${host.waitsUntil}`);
    lines.push(`robots.txt    ${host.robots}`);
  }
  return lines.map(printable).join('\n');
}

function stateOf(run: Run): string {
  const spent = `${run.attempts} ${run.attempts === 1 ? 'attempt' : 'attempts'}, ${run.waits} ${run.waits === 1 ? 'wait' : 'waits'}`;
  const reason = run.waitReason ?? 'another attempt';
  const said: Record<Run['state'], string> = {
    accepted: `accepted ${run.acceptedAt}, waits for a free worker`,
    running: `is being worked on (${spent})`,
    waiting: `waits until ${run.nextAt}: ${reason} (${spent})`,
    done: `done ${run.finishedAt}: capture ${run.captureId}`,
    failed: `failed for good ${run.finishedAt} (${spent}); \`embedkeep dead retry\` tries again`,
    dropped: `given up by hand (${spent}); its own \`embedkeep retry\` tries again`,
  };
  return said[run.state];
}
