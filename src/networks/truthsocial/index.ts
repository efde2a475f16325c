/** Truth Social: its embed is a frame, which the engine reads through the address alone. Source: truthsocial.com's embed code (Mastodon before 4.3). */
import type { Network } from '../../extract/network.ts';
import { claim } from './address.ts';

export const network: Network = {
  name: 'truthsocial',
  markers: ['truthsocial'],
  claim,
};
