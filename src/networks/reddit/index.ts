/** Reddit. */
import type { Network } from '../../extract/network.ts';
import { claim } from './address.ts';

export const network: Network = {
  name: 'reddit',
  markers: ['reddit', 'redd.it', 'rxddit.com'],
  claim,
};
