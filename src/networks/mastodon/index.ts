/** ActivityPub servers. */
import type { Network } from '../../extract/network.ts';
import { claim } from './address.ts';

/** The shapes of `address.ts` that no word announces, with the slash as the page may have escaped it. */
const ADDRESS =
  /@[\w.@-]{1,100}(?:\\?\/|%2F)(?:(?:posts|statuses)(?:\\?\/|%2F))?[0-9A-Z]{15,26}|(?:notice|notes|embed|watch|w)(?:\\?\/|%2F)[0-9A-Za-z][0-9A-Za-z-]{9,35}/;

export const network: Network = {
  name: 'mastodon',
  markers: ['mastodon', 'statuses', 'pixelfed', 'peertube', 'lemmy', 'feddit', ADDRESS],
  claim,
};
