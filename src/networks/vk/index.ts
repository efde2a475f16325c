/** VK. */
import type { Network } from '../../extract/network.ts';
import { claim } from './address.ts';

export const network: Network = {
  name: 'vk',
  markers: ['vk.com', 'vk.ru', 'vkvideo.ru', 'vkontakte.ru', 'vk_post', 'vk.widgets', 'amp-vk'],
  claim,
};
