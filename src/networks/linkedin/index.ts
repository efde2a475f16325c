/**
 * LinkedIn: its embed is a frame, which the engine reads through the address alone; the page shows no text, name or
 * date. Source: linkedin.com's "Embed this post" as published pages keep it.
 */
import type { Network } from '../../extract/network.ts';
import { claim } from './address.ts';

export const network: Network = {
  name: 'linkedin',
  markers: ['linkedin.com'],
  claim,
};
