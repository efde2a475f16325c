/** Vine. Sources: dev.vine.co's embed frame and oEmbed as archived, AMP's amp-vine. The page shows no text or date. */
import type { Network } from '../../extract/network.ts';
import { claim } from './address.ts';

const ID = /^[A-Za-z0-9]{8,20}$/;

export const network: Network = {
  name: 'vine',
  markers: ['vine.co', 'amp-vine'],
  claim,
  elements: [
    {
      form: 'amp',
      match: { tags: ['amp-vine'], attributes: ['data-vineid'] },
      read: ({ root, claim: claimAddress }) => {
        const id = root.attr('data-vineid')?.trim() ?? '';
        const ref = ID.test(id) ? claimAddress(`https://vine.co/v/${id}`) : null;
        return ref && { ref };
      },
    },
  ],
};
