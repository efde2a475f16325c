/** Bluesky. */
import type { Network } from '../../extract/network.ts';
import { claim } from './address.ts';

export const network: Network = {
  name: 'bluesky',
  markers: ['bsky.', 'bluesky', 'bskx.app', 'deer.social'],
  claim,
};
