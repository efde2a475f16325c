/** What of a page is not its article, told by structure and whole names; and that asking is linear work. */
import { describe, expect, it } from 'vitest';
import { placesOf } from '../../src/extract/places.ts';
import { Regions } from '../../src/extract/regions.ts';
import { scan } from '../../src/extract/scan.ts';
import { openSource } from '../../src/extract/source.ts';
import { rootView, type View } from '../../src/extract/view.ts';

function viewOf(text: string): View {
  return rootView(openSource(Buffer.from(text), 'utf-8'));
}

/** Whether the place marked `|` stands outside the article. */
function outside(marked: string): boolean {
  const at = marked.indexOf('|');
  const view = viewOf(marked.replace('|', ''));
  const structure = scan(view);
  return new Regions(view, structure).outside(
    placesOf(structure, Int32Array.of(at)).holder[0] ?? -1,
  );
}

describe('outside the article', () => {
  it.each([
    '<footer>|x</footer>',
    '<nav><ul><li>|x</ul></nav>',
    '<div class="sidebar">|x</div>',
    '<div class="a col-sidebar b"><p>|x</div>',
    "<div id='comments'>|x</div>",
    '<div class=comments>|x</div>',
    '<div class="fyre-comment-list">|x</div>',
    '<div class="related-posts">|x</div>',
    '<div id="livefyre-comments">|x</div>',
    '<section class="leserkommentare">|x</section>',
    '<ul><li class="comment even thread-even depth-1">|x</li></ul>',
    '<ul><li class="comment">|x</li></ul>',
    '<h1>a</h1><article class="comment card" id="comment-12">|x</article>',
    '<div class="discussion-thread">|x</div>',
    '<ul class="related_post wp_rp">|x</ul>',
    '<div class="post-related post-12 hentry">|x</div>',
    '<div class="region region-sidebar-second">|x</div>',
    '<p>a<p>b<p>c<div class="right-sidebar"><p>|x<p>d</div>',
    '<p>a<p>b<div class="sidebar"><blockquote><p>|x</blockquote><ul><li><p>a<li><p>b<li><p>c</ul></div>',
    '<bsky-comments post="x">|x</bsky-comments>',
    '<section class="widget_twitter">|x</section>',
    '<div class="recipe__sidebar">|x</div>',
    '<div id="sidebar_right">|x</div>',
    '<div class="modal-dialog"><div class="modal-body">|x</div></div>',
    '<div role="dialog" aria-modal="true">|x</div>',
    '<div class="newsletter-popup">|x</div>',
    '<div class="author-box-content">|x</div>',
    '<section class="about-the-author">|x</section>',
    '<div class="module-recommended">|x</div>',
    '<div class="most-popular-list">|x</div>',
    '<div class="c-recipe__related-recipes">|x</div>',
    '<article>a</article><aside>|x</aside>',
    '<h1>a</h1><div class="sidebar"><article>|x</article></div>',
  ])('%s', (markup) => {
    expect(outside(markup)).toBe(true);
  });

  it.each([
    '<article>|x</article>',
    '<p>|x</p>',
    '<aside>|x</aside>',
    '<article><aside>|x</aside></article>',
    '<body class="has-sidebar"><p>|x</p></body>',
    '<h1>a</h1><div class="main-sticky-sidebar"><article><p>a<p>b<p>|x</article></div><p>a<p>b<p>c<p>d',
    '<div class="article-with-sidebar">|x</div>',
    '<div class="embed-consent-modal">|x</div>',
    '<div class="video-modal">|x</div>',
    '<div class="newsletter">|x</div>',
    '<div class="author-info">|x</div>',
    '<div class="recommended-tweet">|x</div>',
    '<div class="modal-body"><h1>a</h1>|x</div>',
    '<div class="popup-content"><p>a<p>b<p>c<p>|x</div>',
    '<div class="section-trending"><article><p>a<p>b<p>|x</article></div><p>a<p>b<p>c<p>d',
    '<div class="comments-open">|x</div>',
    '<div class="sidebar"><h1>a</h1><p>|x</p></div>',
    '<div class="content-sidebar-wrap">|x</div>',
    '<div class="comment">|x</div>',
    '<div class="no-comments">|x</div>',
    '<article class="comment">|x</article>',
    '<h1>a</h1><article class="related">|x</article>',
    '<div class="tag-related">|x</div>',
    '<div class="related-video">|x</div>',
    '<h1>a</h1><div class="container right-sidebar"><p>|x<p>b<p>c<p>d<div class="sidebar"><p>e</div></div>',
    '<my-comment-free-box>|x</my-comment-free-box>',
    '<div data-class="sidebar">|x</div>',
  ])('not %s', (markup) => {
    expect(outside(markup)).toBe(false);
  });
});

describe('asking of many elements', () => {
  it('looks at each tag once, however deep it stands', () => {
    const looks = (n: number): number => {
      const view = viewOf('<div class="a">'.repeat(n) + '</div>'.repeat(n));
      const structure = scan(view);
      let read = 0;
      const text = new Proxy(new String(view.text), {
        get(target, key) {
          const member = Reflect.get(target, key, target) as unknown;
          if (typeof member !== 'function') return member;
          return (...given: unknown[]) => {
            read++;
            return (member as (...given: unknown[]) => unknown).apply(view.text, given);
          };
        },
      });
      const regions = new Regions({ ...view, text: text as unknown as string }, structure);
      for (let i = 0; i < n; i++) regions.outside(i);
      for (let i = n - 1; i >= 0; i--) regions.outside(i);
      return read;
    };
    expect(looks(2000)).toBe(2 * looks(1000));
  });
});
