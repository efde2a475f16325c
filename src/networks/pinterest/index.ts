/** Pinterest. */
import type { Network } from '../../extract/network.ts';
import { claim } from './address.ts';

export const network: Network = {
  name: 'pinterest',
  markers: ['pinterest'],
  claim,
};
