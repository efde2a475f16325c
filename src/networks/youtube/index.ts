/** YouTube. */
import type { Network } from '../../extract/network.ts';
import { claim } from './address.ts';

export const network: Network = {
  name: 'youtube',
  markers: ['youtube', 'youtu.be', 'yewtu.be', 'invidious', 'invidio.us', 'piped.'],
  claim,
};
