/** Redirects followed so far, kept while the next host must be waited for, so that nobody is asked for them twice. */
import { Buffer } from 'node:buffer';
import type { Exchange } from '../capture.ts';
import type { PaceStore } from './pace/pace-store.ts';

/** After a longer wait the chain may have changed. */
const TTL_MS = 900_000;

type Kept = Omit<Exchange, 'rawBody'> & { readonly rawBody: string };

export interface RedirectMemo {
  read(url: string): Promise<readonly Exchange[]>;
  write(url: string, hops: readonly Exchange[]): Promise<void>;
  forget(url: string): Promise<void>;
}

export function redirectMemo(store: PaceStore): RedirectMemo {
  return {
    read: async (url) => {
      const text = await store.readNote(noteKey(url));
      if (!text) return [];
      return (JSON.parse(text) as Kept[]).map((hop) => ({
        ...hop,
        rawBody: Buffer.from(hop.rawBody, 'base64'),
      }));
    },
    write: async (url, hops) => {
      const kept = hops.map(
        (hop): Kept => ({
          ...hop,
          rawBody: Buffer.from(hop.rawBody).toString('base64'),
        }),
      );
      await store.writeNote(noteKey(url), JSON.stringify(kept), TTL_MS);
    },
    forget: (url) => store.writeNote(noteKey(url), '', 1),
  };
}

const noteKey = (url: string): string => `hops:${url}`;
