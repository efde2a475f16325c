/** An export as it is sent, and told to the event chain: what was asked for, how much went out, and the digest of it. */
import { createHash } from 'node:crypto';
import type { ExportNote, Upkeep } from '../upkeep.ts';

export interface Tally {
  posts: number;
  /** Null where the format has no captures of its own. */
  captures: number | null;
}

export interface Telling {
  readonly asked: Pick<ExportNote, 'format' | 'schema' | 'filter'>;
  readonly tally: Tally;
  readonly noteExport: Upkeep['noteExport'];
  /** A download that broke off and could not even be noted. */
  readonly onLost: (error: unknown) => void;
}

/**
 * The event of a finished export is committed before its last byte is followed by an end: whoever has a whole one is in the
 * chain. Of one that was broken off the chain says that, with what had been handed over by then.
 */
export async function* told(
  pieces: AsyncIterable<Uint8Array>,
  { asked, tally, noteExport, onLost }: Telling,
): AsyncGenerator<Uint8Array> {
  const hash = createHash('sha256');
  let bytes = 0;
  let isComplete = false;
  try {
    for await (const piece of pieces) {
      hash.update(piece);
      bytes += piece.length;
      yield piece;
    }
    isComplete = true;
    await noteExport({ ...asked, ...tally, bytes, sha256: hash.digest('hex'), isComplete });
  } finally {
    if (!isComplete) {
      await noteExport({ ...asked, ...tally, bytes, sha256: null, isComplete }).catch(onLost);
    }
  }
}

/** A post that comes in parts is one. */
export async function* counted<T extends { readonly goesOn?: boolean }>(
  items: AsyncIterable<T>,
  tally: Tally,
): AsyncGenerator<T> {
  for await (const item of items) {
    if (!item.goesOn) tally.posts += 1;
    yield item;
  }
}
