/** The HTTP half of a process: the API with its pages, on a port that whoever needs it can find. */
import type { AddressInfo } from 'node:net';
import { buildApi } from '../src/api/index.ts';
import { checkOrders } from '../src/article-url.ts';
import { EmbedkeepError } from '../src/errors.ts';
import type { HostExplanation } from '../src/fetch/explain.ts';
import type { Politeness } from '../src/fetch/politeness.ts';
import type { Feeder } from '../src/queue/feeder.ts';
import { held } from '../src/store/held.ts';
import { formatsOf } from './export-formats.ts';
import type { Pressure } from './pressure.ts';
import type { Readiness } from './readiness.ts';
import { upkeepOf } from './upkeep.ts';
import { webhookDesk } from './webhooks.ts';
import { blobUrl, type World } from './world.ts';

export interface Web {
  readonly address: string;
  stop(): Promise<void>;
}

export interface WebParts {
  readonly pressure: Pressure;
  readonly ready: () => Promise<Readiness>;
  /** Null in a process that fetches nothing itself. */
  readonly politeness: Politeness | null;
  readonly feeder: Pick<Feeder, 'feed'>;
}

/** The API ready to `inject`; `startWeb` makes it listen. */
export function buildWeb(
  world: World,
  { pressure, ready, politeness, feeder }: WebParts,
  options?: Parameters<typeof buildApi>[1],
) {
  const { config, log, store, archive, queues, metrics } = world;
  let countedAt = new Date();
  const counts = held(async () => {
    const began = new Date();
    const answer = await store.reader.counts();
    countedAt = began;
    return answer;
  });
  return buildApi(
    {
      ledger: store.ledger,
      reader: { ...store.reader, counts },
      countedAt: () => countedAt,
      archive,
      idempotency: store.idempotency,
      plans: store.plans,
      upkeep: upkeepOf({
        store,
        archive,
        blobUrl: blobUrl(config),
        parseTimeoutMs: config.PARSE_TIMEOUT_MS,
        retention: config.RETENTION,
      }),
      enqueue: () => feeder.feed(),
      queues: [queues.articles, queues.intake, queues.plans],
      queueIsEmbedded: world.backend.kind === 'embedded',
      config,
      ready,
      metrics: () => metrics.text(),
      checkOrders,
      explainHost: (host, page) => explainHost(page ?? `https://${host}/`, world, politeness),
      logger: log,
      formats: formatsOf({ store, blobUrl: blobUrl(config) }),
      pressure: pressure.check,
      webhooks: webhookDesk(world),
      intakeRate: config.INTAKE_RATE,
    },
    options,
  );
}

/** A process that fetches nothing itself looks up what the others have written down. */
async function explainHost(
  url: string,
  world: World,
  politeness: Politeness | null,
): Promise<HostExplanation> {
  if (politeness) return await politeness.explain(url);
  const { openPoliteness } = await import('./politeness.ts');
  const opened = openPoliteness(world);
  try {
    return await opened.politeness.explain(url);
  } finally {
    await opened.close();
  }
}

export async function startWeb(world: World, parts: WebParts): Promise<Web> {
  const { config, log, lock } = world;
  const app = await buildWeb(world, parts);
  await app.listen({ host: config.HOST, port: config.PORT }).catch(async (thrown: unknown) => {
    await app.close();
    throw cannotListen(config, thrown);
  });
  const { port } = app.server.address() as AddressInfo;
  const host = config.HOST.includes(':') ? `[${config.HOST}]` : config.HOST;
  const address = `http://${host}:${port}`;
  lock?.publish(address);
  log.info({ address }, 'listening');
  return { address, stop: () => app.close() };
}

/** What another HOST or PORT mends is told as a setting. */
function cannotListen({ HOST, PORT }: World['config'], thrown: unknown): unknown {
  const { code = '', message = '' } = thrown as NodeJS.ErrnoException;
  const said = LISTEN_PROBLEMS[code];
  if (!said) return thrown;
  const got = said.setting === 'PORT' ? PORT : `"${HOST}"`;
  return new EmbedkeepError(
    'CONFIG_INVALID',
    `${said.setting}: got ${got}, accepted is ${said.accepted} (${message})`,
    { cause: thrown },
  );
}

const LISTEN_PROBLEMS: Readonly<Record<string, { setting: 'HOST' | 'PORT'; accepted: string }>> = {
  EADDRINUSE: { setting: 'PORT', accepted: 'one nobody listens on; 0 takes any that is free' },
  EACCES: { setting: 'PORT', accepted: 'one this process may listen on, mostly above 1023' },
  EADDRNOTAVAIL: { setting: 'HOST', accepted: 'an address of this machine' },
  ENOTFOUND: { setting: 'HOST', accepted: 'an address of this machine, or a name of one' },
};
