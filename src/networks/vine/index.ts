/** Vine. */
import type { Network } from '../../extract/network.ts';
import { claim } from './address.ts';

export const network: Network = {
  name: 'vine',
  markers: ['vine.co', 'amp-vine'],
  claim,
};
