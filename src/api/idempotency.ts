/** `Idempotency-Key`: the same key with the same body gives the first answer again, for 24 h. */
import { createHash } from 'node:crypto';
import { EmbedkeepError } from '../errors.ts';
import type { IdempotencyKeys } from '../ledger.ts';

export interface Settled {
  readonly status: number;
  readonly body: string;
}

export interface Keyed {
  readonly key: string;
  /** What the key is bound to: route, content type and bytes. */
  readonly request: readonly (string | Buffer)[];
}

const KEY = /^[\x21-\x7e]{1,255}$/;

/** @throws EmbedkeepError where the header is not 1 to 255 printable characters without spaces. */
export function readKey(header: string | string[] | undefined): string | null {
  if (header === undefined) return null;
  if (typeof header === 'string' && KEY.test(header)) return header;
  throw new EmbedkeepError('PAYLOAD_INVALID', 'Idempotency-Key: 1 to 255 printable characters.');
}

type Once = (
  keyed: Keyed,
  work: () => Promise<Settled>,
) => Promise<Settled & { replayed: boolean }>;

/**
 * Two calls with one key at the same time: the second waits for the first. Between processes, or after a
 * crash between commit and `put`, the ledger's own window makes the second answer `known`: never two runs.
 */
export function onceByKey(keys: IdempotencyKeys): Once {
  const busy = new Map<string, Promise<unknown>>();

  async function settle({ key, request }: Keyed, work: () => Promise<Settled>) {
    const requestHash = hashOf(request);
    const known = await keys.get(key);
    if (known && known.requestHash !== requestHash)
      throw new EmbedkeepError('IDEMPOTENCY_MISMATCH');
    if (known) return { status: known.status, body: known.body, replayed: true };
    const settled = await work();
    await keys.put(key, { requestHash, ...settled });
    return { ...settled, replayed: false };
  }

  return async (keyed, work) => {
    const before = busy.get(keyed.key);
    const mine = (before ?? Promise.resolve()).catch(() => null).then(() => settle(keyed, work));
    busy.set(keyed.key, mine);
    try {
      return await mine;
    } finally {
      if (busy.get(keyed.key) === mine) busy.delete(keyed.key);
    }
  };
}

function hashOf(parts: readonly (string | Buffer)[]): string {
  const hash = createHash('sha256');
  for (const part of parts) hash.update(`${part.length}:`).update(part);
  return hash.digest('hex');
}
