/** Telegram. */
import type { Network } from '../../extract/network.ts';
import { claim } from './address.ts';

export const network: Network = {
  name: 'telegram',
  markers: ['t.me', 'telegram'],
  claim,
};
