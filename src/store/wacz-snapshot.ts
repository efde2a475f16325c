/**
 * A store as of one link of its chain, without holding a transaction open: what came after that link is left out, so an
 * export of a working store is whole in itself.
 */
import type { CaptureRow } from '../ledger.ts';
import type { ChainHead } from './event-chain.ts';
import { sightingDigest } from './keep-sightings.ts';
import { REMOVED_FORM } from './redact.ts';
import { newVouched, type SightingClaim, vouch } from './verify-captures.ts';
import type { KeptLink } from './verify-chain.ts';
import type { StoreView } from './verify-store.ts';

export interface Snapshot {
  readonly head: ChainHead;
  readonly captures: () => AsyncGenerator<CaptureRow>;
  readonly sightings: () => AsyncGenerator<SightingClaim>;
  readonly links: () => AsyncGenerator<KeptLink>;
}

export async function snapshotOf(view: StoreView): Promise<Snapshot> {
  const head = await view.head();
  const links = async function* (): AsyncGenerator<KeptLink> {
    for await (const link of view.links()) {
      if (link.n > head.links) return;
      yield link;
    }
  };
  const vouched = newVouched();
  for await (const { rows } of links()) {
    for (const { body } of rows) vouch(vouched, JSON.parse(body) as Record<string, unknown>);
  }
  return {
    head,
    links,
    captures: async function* () {
      for await (const capture of view.captures()) {
        if (vouched.captures.has(capture.id)) yield capture;
      }
    },
    sightings: async function* () {
      for await (const sighting of view.sightings()) {
        const { captureId, parser, embed } = sighting;
        const isRemoved = embed.form === REMOVED_FORM && vouched.removedCaptures.has(captureId);
        const digests = vouched.sightings.get(`${captureId} ${parser}`);
        if (isRemoved || digests?.has(sightingDigest(embed))) yield sighting;
      }
    },
  };
}
