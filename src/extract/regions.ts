/**
 * Which parts of a page are not the article: sidebars, footers, comments, feeds, teasers of other articles. Told by what
 * the markup calls them, never by publisher. Whatever holds the page's headline is the article, whatever it is called:
 * themes write `has-sidebar` and `comments-open` on the element that holds everything.
 */
import { code } from './element-names.ts';
import { nextArticles } from './next-articles.ts';
import { Paragraphs } from './paragraphs.ts';
import type { Self } from './run.ts';
import type { Structure } from './scan.ts';
import type { View } from './view.ts';

const UNKNOWN = 0;
const INSIDE = 1;
const OUTSIDE = 2;

const codes = (names: string): Set<number> => new Set(names.split(' ').map(code));
const OUTSIDE_TAGS = codes('footer nav');
const NEVER = codes('html body main article h1');
const ASIDE = code('aside');
const ARTICLE = code('article');
const H1 = code('h1');
const LI = code('li');

const SIDEBAR_NAMES = new Set(
  'sidebar-widgets sidebar-right sidebar-left right-rail left-rail rightrail'.split(' '),
);
/** Whole names of classes and ids; a part of a longer name says too little. */
const OUTSIDE_NAMES = new Set(
  [
    'widget-area widgetarea footer site-footer page-footer footer-widgets colophon',
    'comments comment-list commentlist comments-area comments-list comments-section comment-section comment-body comment-content comment-text comment_text disqus_thread fb-comments respond webmentions',
    'livefyre-comments livefyre_comments disqus-comments disqus-thread dsq-comments dsq-thread user-comments reader-comments usercomments readercomments article-comments post-comments story-comments entry-comments facebook-comments discussion-thread discussion-threads discussion-list comment-respond thread-even thread-odd',
    'coral_thread coral-talk hyvor-talk-view spotim-conversation vf-comments isso-thread remark42 cusdis_thread commento giscus utterances vk_comments',
    'kommentare kommentarbereich leserkommentare nutzerkommentare commentaires comentarios commenti reacties kommentarer yorumlar komentarze komentare komentari kommentit hozzaszolasok',
    'related related-posts related-articles related-content related-stories relatedposts yarpp-related jp-relatedposts',
    'recommended recommendations recirc most-read mostread most-popular mostpopular most-viewed trending trending-now more-stories more-news read-next readnext latest-news also-read',
    'twitter-feed twitterfeed twitter-timeline latest-tweets recent-tweets tweets-widget tweet-list-widget social-feed social-stream social-wall socialfeed instagram-feed instagramfeed sbi sb_instagram sbi_images',
    'widget_text widget_custom_html widget_block widget_rss widget_recent_entries widget_media_image',
    'newsletter-signup site-navigation main-navigation breadcrumbs breadcrumb off-canvas',
  ]
    .join(' ')
    .split(' '),
);
const FEED_WIDGET =
  /^(?:widget_(?!_)(?:.*_)?(?:twitter|tweets?|instagram|facebook|youtube)|aptf|sbi_|wpcom-instagram|fts-|juicer|curator-feed|ctf)/;
/** `col-sidebar`, `sidebar-wrapper`; not `content-sidebar-wrap` or `has-sidebar`, which hold the article too. */
const SIDEBAR =
  /^(?:(?:main|page|site|blog|post|td|l|c|o|m|js|primary|secondary|cols?|column|single|desktop|mobile|right|left|top|bottom|region|section|layout|news)[-_]{1,2})*side[-_]?bar(?:[-_]{1,2}(?:col|column|wrap|wrapper|container|inner|content|area|widgets?|block|box|primary|secondary|first|second|module|panel|sticky|\d+))*$/;
/**
 * `comments-wrapper`, `fyre-comment-list`, `comment-123`; not `comments-open` or `no-comments-list`, which say something of
 * the article, and not `comment` alone, which may be an opinion piece.
 */
const COMMENTS =
  /^(?!(?:has|no|with|without|hide|show|is)[-_])(?:[a-z\d]{1,15}[-_]{1,2}){0,2}comments?(?:[-_]{1,2}(?:list|wrap|wrapper|container|area|section|body|content|text|thread|block|box|tree|feed|panel|holder|inner|outer|template|replies|root|module|widget|\d+))+$/;
/** One reader's comment among others: `<li class="comment">`, `<article class="comment" id="comment-12">`. */
const COMMENT_ID = /\sid\s*=\s*["']?(?:li-|div-)?comment[-_]?\d+["'\s>]/i;
/** `related_post`, `post-related`, `crp_related`; not `related-video` or `related-tweet`, which may be the article's own. */
const RELATED =
  /^(?!(?:has|no|with|without|hide|show|is|tag|category)[-_])(?:(?:posts?|article|single|entry|content|item|block|view|views|crp|wp|jp|zem|rp4wp|c|m)[-_]{1,2}){0,2}related(?:[-_]{1,2}(?:posts?|articles?|stories|story|news|recipes?|products?|links?|items?|entries|topics?|list|grid|row|cols?|wrap|wrapper|container|area|section|block|box|inner|module|panel|widget|title|\d+))*$/;
/** Components that draw a thread of replies: `<bsky-comments>`, `<mastodon-comments>`. */
const COMMENTS_TAG = /^<[a-z][a-z\d]*(?:-[a-z\d]+)*-comments?[\s/>]/i;
const WEBMENTIONS = /^webmentions?(?:[-_]|$)/;
const NAMES = /\s(?:class|id|role|data-testid)\s*=\s*(?:"([^"]*)"|'([^']*)'|([^\s>]+))/gi;
const SPACE = /\s+/;
const MAX_TAG = 2000;
const MAX_CLIMB = 64;

const isSidebar = (word: string): boolean =>
  SIDEBAR_NAMES.has(word) || (word.includes('bar') && SIDEBAR.test(word));

const isOutside = (word: string): boolean =>
  OUTSIDE_NAMES.has(word) ||
  FEED_WIDGET.test(word) ||
  (word.includes('related') && RELATED.test(word)) ||
  (word.includes('comment') && COMMENTS.test(word)) ||
  WEBMENTIONS.test(word);

function wordsOf(tag: string): readonly string[] {
  const words: string[] = [];
  for (const match of tag.matchAll(NAMES))
    words.push(...(match[1] ?? match[2] ?? match[3] ?? '').toLowerCase().split(SPACE));
  return words;
}

export class Regions {
  private readonly memo: Uint8Array;
  private readonly view: View;
  private readonly structure: Structure;
  private readonly hasArticle: boolean;
  private readonly self: Self | null;
  private headline: ReadonlySet<number> | null = null;
  private paragraphs: Paragraphs | null = null;
  private following: ReadonlySet<number> | null = null;

  constructor(view: View, structure: Structure, self: Self | null = null) {
    this.view = view;
    this.structure = structure;
    this.self = self;
    this.memo = new Uint8Array(structure.count);
    this.hasArticle = this.holdsArticle();
  }

  /** Whether the element (or text directly in it) stands outside the article. */
  outside(index: number): boolean {
    if (this.view.setting.outside) return true;
    const path: number[] = [];
    let at = index;
    while (at >= 0 && this.memo[at] === UNKNOWN) {
      path.push(at);
      at = this.structure.parent[at] ?? -1;
    }
    let state = at < 0 ? INSIDE : (this.memo[at] ?? INSIDE);
    for (const element of path.reverse()) {
      if (state === INSIDE && this.borders(element)) state = OUTSIDE;
      this.memo[element] = state;
    }
    return state === OUTSIDE;
  }

  /** Whether the element begins a part that is not the article. */
  private borders(index: number): boolean {
    const { structure } = this;
    const name = structure.name[index] ?? 0;
    if (name === ARTICLE && this.followsOther(index)) return true;
    if (NEVER.has(name) && name !== ARTICLE) return false;
    const outside = OUTSIDE_TAGS.has(name) || this.loneAside(index) || this.namedOutside(index);
    return outside && !this.holdsHeadline(index);
  }

  /** The articles that a page without an end loads behind its own. */
  private followsOther(index: number): boolean {
    this.following ??= nextArticles(this.view, this.structure, this.self);
    return this.following.has(index);
  }

  /** An aside beside the article is a sidebar; one inside it is a box of the article. */
  private loneAside(index: number): boolean {
    return (
      this.structure.name[index] === ASIDE && this.hasArticle && !this.standsIn(index, ARTICLE)
    );
  }

  /** Whether there is an article beside the asides; link previews and teasers in them are articles too. */
  private holdsArticle(): boolean {
    const names = this.structure.name.subarray(0, this.structure.count);
    for (let at = names.indexOf(ARTICLE); at >= 0; at = names.indexOf(ARTICLE, at + 1)) {
      if (!this.standsIn(at, ASIDE)) return true;
    }
    return false;
  }

  private standsIn(index: number, name: number): boolean {
    const { structure } = this;
    let at = structure.parent[index] ?? -1;
    for (let i = 0; at >= 0 && i < MAX_CLIMB; i++) {
      if (structure.name[at] === name) return true;
      at = structure.parent[at] ?? -1;
    }
    return false;
  }

  private namedOutside(index: number): boolean {
    const { name, start, open } = this.structure;
    const from = start[index] ?? 0;
    const tag = this.view.text.slice(from, Math.min(open[index] ?? 0, from + MAX_TAG));
    const words = wordsOf(tag);
    if (words.includes('comment') && (name[index] === LI || COMMENT_ID.test(tag))) return true;
    // An article may well be called `related` or a `sidebar` story.
    if (name[index] === ARTICLE) return false;
    if (COMMENTS_TAG.test(tag) || words.some(isOutside)) return true;
    return words.some(isSidebar) && !this.holdsTheText(index);
  }

  private holdsTheText(index: number): boolean {
    const { start, close } = this.structure;
    this.paragraphs ??= new Paragraphs(this.structure);
    return this.paragraphs.mostIn(start[index] ?? 0, close[index] ?? 0);
  }

  /** The ancestors of the first headline; where there is none, of the first article. */
  private holdsHeadline(index: number): boolean {
    if (!this.headline) {
      const { structure } = this;
      const chain = new Set<number>();
      const names = structure.name.subarray(0, structure.count);
      let at = names.indexOf(H1);
      if (at < 0) at = names.indexOf(ARTICLE);
      for (; at >= 0; at = structure.parent[at] ?? -1) chain.add(at);
      this.headline = chain;
    }
    return this.headline.has(index);
  }
}
