/** X, formerly Twitter. */
import type { Network } from '../../extract/network.ts';
import { claim, permalink } from './address.ts';

export const network: Network = {
  name: 'x',
  markers: ['twitter.com', 'x.com', 'tweet', 'nitter.', 'xcancel.com', 'twittpr.com', 'fixvx.com'],
  claim,
  permalink: (ref, handle) => permalink(ref.postId, handle),
};
