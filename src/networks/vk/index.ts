/**
 * VK. Sources: dev.vk.com/widgets/post (`VK.Widgets.Post(element, owner, post, hash)` and the frame it makes),
 * AMP's amp-vk. The page shows no text, name or date.
 */
import type { Candidate, Network, Post } from '../../extract/network.ts';
import { claim, item } from './address.ts';

const CALL =
  /VK\s*\.\s*Widgets\s*\.\s*Post\s*\(\s*(?:"[^"]{0,200}"|'[^']{0,200}'|[\w$.]{1,200})\s*,\s*["']?(-?\d{1,15})["']?\s*,\s*["']?(\d{1,15})["']?\s*[,)]/g;
const ELEMENT_ID = /^vk_post_(-?\d{1,15})_(\d{1,15})$/;

const wall = (owner: string | undefined, number: string | undefined): Post | null => {
  const ref = item('wall', owner ?? null, number ?? null);
  return ref && { ref };
};

/** The calls that fill the placeholders; one script may fill several. */
function calls({ root }: Candidate): readonly Post[] | null {
  const posts = new Map<string, Post>();
  for (const [, owner, number] of root.text().matchAll(CALL)) {
    const post = wall(owner, number);
    if (post?.ref) posts.set(post.ref.postId, post);
  }
  return posts.size > 0 ? [...posts.values()] : null;
}

export const network: Network = {
  name: 'vk',
  markers: ['vk.com', 'vk.ru', 'vkvideo.ru', 'vkontakte.ru', 'vk_post', 'vk.widgets', 'amp-vk'],
  claim,
  elements: [
    { form: 'script', match: { tags: ['script'] }, read: calls },
    {
      form: 'amp',
      match: { tags: ['amp-vk'], attributes: ['data-owner-id'] },
      read: ({ root }) =>
        root.attr('data-embedtype') === 'post'
          ? wall(root.attr('data-owner-id'), root.attr('data-post-id'))
          : null,
    },
    {
      // The placeholder alone, where the script was stripped.
      form: 'attribute',
      match: { tags: ['div'], attributes: ['id'] },
      read: ({ root }) => {
        const [, owner, number] = ELEMENT_ID.exec(root.attr('id') ?? '') ?? [];
        // With the frame in it, the frame is the better witness.
        return root.find('iframe').length > 0 ? null : wall(owner, number);
      },
    },
  ],
};
