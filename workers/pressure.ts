/** Says no before memory or disk runs out: an order refused with Retry-After is not lost, one half written may be. */
import { statfs } from 'node:fs/promises';
import { EmbedkeepError } from '../src/errors.ts';

export interface Pressure {
  /** Why intake must be refused for a while; null where there is room. */
  check(): Promise<{ retryAfterSeconds: number; reason: string } | null>;
  /** @throws EmbedkeepError STORE_FULL with the seconds to wait */
  admit(): Promise<void>;
}

/** Less free space than this, and nothing new is taken: PGlite did not survive a full disk without a restart. */
const MIN_FREE_BYTES = 256 * 1024 * 1024;
const LOOK_EVERY_MS = 1000;
const RETRY_AFTER_S = 30;

export function createPressure(dir: string, minFreeBytes = MIN_FREE_BYTES): Pressure {
  let looked = Number.NEGATIVE_INFINITY;
  let free = Number.POSITIVE_INFINITY;

  async function freeBytes(): Promise<number> {
    if (performance.now() - looked < LOOK_EVERY_MS) return free;
    looked = performance.now();
    // A directory that is not there yet fills no disk.
    const disk = await statfs(dir).catch(() => null);
    free = disk ? disk.bavail * disk.bsize : Number.POSITIVE_INFINITY;
    return free;
  }

  async function check() {
    const bytes = await freeBytes();
    if (bytes >= minFreeBytes) return null;
    const megabytes = Math.floor(bytes / 1_048_576);
    return {
      retryAfterSeconds: RETRY_AFTER_S,
      reason: `Only ${megabytes} MB are free on the disk of ${dir}.`,
    };
  }

  return {
    check,
    async admit() {
      const full = await check();
      if (!full) return;
      throw new EmbedkeepError('STORE_FULL', full.reason, {
        detail: { retryAfter: full.retryAfterSeconds },
      });
    },
  };
}
