/** Says no before disk, queue memory or backlog run out: an order refused with Retry-After is not lost, one half written may be. */
import { statfs } from 'node:fs/promises';
import type { Config } from '../src/config.ts';
import { EmbedkeepError } from '../src/errors.ts';
import type { World } from './world.ts';

export interface Pressure {
  /** Why intake must be refused for a while; null where there is room. */
  check(): Promise<Refusal | null>;
  /** @throws EmbedkeepError INTAKE_PAUSED with the seconds to wait */
  admit(): Promise<void>;
}

export interface Refusal {
  readonly retryAfterSeconds: number;
  readonly reason: string;
}

/** In words, what is short; null where there is room. */
type Look = () => Promise<string | null>;

const LOOK_EVERY_MS = 1000;
/** What a look may cost of all time: counting a backlog of millions takes a while. */
const MOST_LOOKING = 0.01;
/** A refusal is looked at again after so long at most: on a machine in distress looking is slow, and must not prolong it. */
const REFUSED_MS = 5000;
const RETRY_AFTER_S = 30;
/** Of maxmemory. A Redis that is full hands out no jobs either: intake must stop before. */
export const MOST_MEMORY = 0.8;
const MEGABYTE = 1_048_576;

export function pressureOf(
  world: Pick<World, 'config' | 'backend'> & {
    store: { ledger: Pick<World['store']['ledger'], 'open'> };
  },
): Pressure {
  const { config, backend, store } = world;
  return createPressure([
    freeDisk(config),
    queueMemory(() => backend.memory()),
    backlog(store.ledger, config.MAX_BACKLOG),
  ]);
}

/** All looks agree, or the first that does not says why. */
export function createPressure(looks: readonly Look[]): Pressure {
  const held = looks.map(nowAndThen);

  async function check(): Promise<Refusal | null> {
    const reasons = await Promise.all(held.map((look) => look()));
    const reason = reasons.find((one) => one !== null);
    return reason ? { retryAfterSeconds: RETRY_AFTER_S, reason } : null;
  }

  return {
    check,
    async admit() {
      const refusal = await check();
      if (!refusal) return;
      const { reason, retryAfterSeconds } = refusal;
      throw new EmbedkeepError('INTAKE_PAUSED', reason, { detail: { retryAfterSeconds } });
    },
  };
}

/** Not at each order, and never so often that looking is what takes the time. */
function nowAndThen(look: Look): Look {
  let said: Promise<string | null> = Promise.resolve(null);
  let again = Number.NEGATIVE_INFINITY;
  return () => {
    const began = performance.now();
    if (began < again) return said;
    again = Number.POSITIVE_INFINITY;
    // What cannot be looked at now is no reason to refuse: whoever needs it says so itself.
    said = look()
      .catch(() => null)
      .then((reason) => {
        const took = performance.now() - began;
        const rest = Math.max(LOOK_EVERY_MS, took / MOST_LOOKING);
        again = performance.now() + (reason === null ? rest : Math.min(rest, REFUSED_MS));
        return reason;
      });
    return said;
  };
}

/** PGlite did not survive a full disk without a restart. */
const freeDisk =
  ({ DATA_DIR, MIN_FREE_MB }: Pick<Config, 'DATA_DIR' | 'MIN_FREE_MB'>): Look =>
  async () => {
    // A directory that is not there yet fills no disk.
    const disk = await statfs(DATA_DIR);
    const free = disk.bavail * disk.bsize;
    if (free >= MIN_FREE_MB * MEGABYTE) return null;
    return `Only ${Math.floor(free / MEGABYTE)} MB are free on the disk of ${DATA_DIR} (MIN_FREE_MB is ${MIN_FREE_MB}).`;
  };

const queueMemory =
  (memory: () => Promise<{ used: number; most: number } | null>): Look =>
  async () => {
    const known = await memory();
    if (!known || known.used < MOST_MEMORY * known.most) return null;
    const percent = Math.round((100 * known.used) / known.most);
    return `The queue's Redis uses ${percent} % of its maxmemory; orders are taken again below ${100 * MOST_MEMORY} %.`;
  };

const backlog =
  (ledger: Pick<World['store']['ledger'], 'open'>, most: number): Look =>
  async () =>
    (await ledger.open(most)) < most
      ? null
      : `${most} URLs are accepted and not done yet (MAX_BACKLOG).`;
