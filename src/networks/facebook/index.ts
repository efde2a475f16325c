/** Facebook. */
import type { Network } from '../../extract/network.ts';
import { claim } from './address.ts';

export const network: Network = {
  name: 'facebook',
  markers: ['facebook.com', 'fb.com'],
  claim,
};
