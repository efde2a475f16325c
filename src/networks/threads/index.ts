/** Threads. */
import type { Network } from '../../extract/network.ts';
import { claim } from './address.ts';

export const network: Network = {
  name: 'threads',
  markers: ['threads.net', 'threads.com', 'text-post-media'],
  claim,
};
