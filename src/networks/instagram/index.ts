/** Instagram. */
import type { Network } from '../../extract/network.ts';
import { claim } from './address.ts';

export const network: Network = {
  name: 'instagram',
  markers: ['instagr'],
  claim,
};
