/**
 * Pinterest. Source: the widget documentation (developers.pinterest.com/docs/web-features/add-ons), AMP's
 * amp-pinterest. The page shows no text, name or date.
 */
import type { Candidate, Network, Post } from '../../extract/network.ts';
import { claim } from './address.ts';

const PIN = /^embedpin$/i;

/** Boards, profiles and buttons use the same attribute with another value. */
const fromWidget =
  (kind: string, address: string) =>
  ({ root, claim: claimAddress }: Candidate): Post | null => {
    const ref = PIN.test(root.attr(kind)?.trim() ?? '') ? claimAddress(root.attr(address)) : null;
    return ref && { ref };
  };

export const network: Network = {
  name: 'pinterest',
  markers: ['pinterest'],
  claim,
  elements: [
    {
      form: 'attribute',
      match: { attributes: ['data-pin-do'] },
      read: fromWidget('data-pin-do', 'href'),
    },
    { form: 'amp', match: { tags: ['amp-pinterest'] }, read: fromWidget('data-do', 'data-url') },
  ],
};
