/**
 * Telegram: the post widget is a script element whose attribute names channel and number; the script puts a frame in
 * its place. Source: core.telegram.org/widgets/post. The page shows no text, name or date.
 */
import type { Network } from '../../extract/network.ts';
import { claim, claimWidgetId } from './address.ts';

export const network: Network = {
  name: 'telegram',
  markers: ['t.me', 'telegram', 'data-tg-post'],
  claim,
  elements: [
    {
      form: 'script',
      match: { attributes: ['data-telegram-post', 'data-tg-post'] },
      read: ({ root, claim: claimAddress }) => {
        const id = root.attr('data-telegram-post') ?? root.attr('data-tg-post') ?? '';
        const ref = claimWidgetId(id) ?? claimAddress(id);
        return ref && { ref };
      },
    },
    {
      // Placeholders of other scripts.
      form: 'attribute',
      match: { classes: ['telegram-post', 'tgme_widget_message'] },
      read: ({ root }) => {
        const ref = claimWidgetId(root.attr('data-post') ?? '');
        return ref && { ref };
      },
    },
  ],
};
