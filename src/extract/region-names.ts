/**
 * The names of classes and ids by which themes call what is not the article: whole names, or names built of known words;
 * a part of a longer name says too little.
 */

const SIDEBAR_NAMES = new Set('right-rail left-rail rightrail'.split(' '));
/** Whole names of classes and ids; a part of a longer name says too little. */
const OUTSIDE_NAMES = new Set(
  [
    'widget-area widgetarea footer site-footer page-footer footer-widgets colophon',
    'comments commentlist disqus_thread fb-comments respond',
    'livefyre fyre livefyre-comments livefyre_comments vuukle-comments spcv_root spcv_conversation disqus-comments disqus-thread dsq-comments dsq-thread user-comments reader-comments usercomments readercomments article-comments post-comments story-comments entry-comments facebook-comments discussion-thread discussion-threads discussion-list comment-respond thread-even thread-odd',
    'coral_thread coral-talk hyvor-talk-view spotim-conversation vf-comments isso-thread remark42 cusdis_thread commento giscus utterances vk_comments',
    'kommentare kommentarbereich leserkommentare nutzerkommentare commentaires comentarios commenti reacties kommentarer yorumlar komentarze komentare komentari kommentit hozzaszolasok',
    'related-content relatedposts yarpp-related jp-relatedposts',
    'recommended recommendations recirc most-read mostread most-popular mostpopular most-viewed trending trending-now more-stories more-news read-next readnext latest-news also-read',
    'twitter-feed twitterfeed twitter-timeline latest-tweets recent-tweets tweets-widget tweet-list-widget social-feed social-stream social-wall socialfeed instagram-feed instagramfeed sbi sb_instagram',
    'widget_text widget_custom_html widget_block widget_rss widget_recent_entries widget_media_image',
    'newsletter-signup site-navigation main-navigation breadcrumbs breadcrumb off-canvas',
  ]
    .join(' ')
    .split(' '),
);
const FEED_WIDGET =
  /^(?:widget_(?!_)(?:.*_)?(?:twitter|tweets?|instagram|facebook|youtube)|aptf|sbi_|wpcom-instagram|fts-|juicer|curator-feed|ctf)/;
/** Words that say that something has a sidebar or the like, or what is done with it; not that it is one. */
const ABOUT =
  '(?!(?:[a-z\\d]+[-_]{1,2})*(?:has|have|no|non|with|without|show|hide|is|open|close|toggle|full|layout|content|tag|category|cat)[-_])';
/** Up to four words in front, of a theme's or a block's name. */
const FRONT = '(?:[a-z\\d]{1,20}[-_]{1,2}){0,4}';
const PARTS =
  '(?:[-_]{1,2}(?:col|cols|column|wrap|wrapper|container|inner|outer|content|body|area|widgets?|blocks?|box|primary|secondary|first|second|mod|module|panel|sticky|list|items?|grid|row|slider|carousel|section|header|heading|title|text|caption|image|photo|description|desc|info|links?|\\d+))*';
const whole = (...alternatives: readonly string[]): RegExp =>
  new RegExp(`^${ABOUT}(?:${alternatives.join('|')})$`);

/** `col-sidebar`, `recipe__sidebar`, `sidebar-wrapper`; not `content-sidebar-wrap` or `has-sidebar`, which hold the article too. */
const SIDEBAR = whole(
  `${FRONT}(?:main|left|right)?side[-_]?bar(?:[-_]{1,2}(?:right|left|one|two|nav|menu|banner|promo|ads?|newsletter))?${PARTS}`,
);
/** Boxes that a page opens over itself or asks for an address in; what is named for an embed or its consent is the article's. */
const POPUP = whole(
  `${FRONT}(?:modal|popup|lightbox)(?:[-_]{1,2}(?:dialog|window|overlay|backdrop|navigation|message|waiting|step))?${PARTS}`,
  `${FRONT}(?:newsletters?|subscribe)[-_]{1,2}(?:signup|sign[-_]up|form|box|widget|banner|thanks|cta|promo|sticky)${PARTS}`,
);
const OF_AN_EMBED =
  /embed|consent|cookie|privacy|gdpr|tweet|twitter|social|video|media|player|gallery|insta|facebook|tiktok/;
/** `author-box-content`, `about-the-author`, `post-author-info`; not `author-info`, which posts drawn by sites have too. */
const AUTHOR = whole(
  `${FRONT}authors?[-_]{1,2}(?:bio|biography|box|about)${PARTS}`,
  `${FRONT}about[-_]{1,2}(?:the[-_]{1,2})?authors?${PARTS}`,
  `(?:post|entry|article|single)[-_]{1,2}author[-_]{1,2}(?:info|card|details)${PARTS}`,
);
/** `module-recommended`, `most-popular-list`, `trending-module`; not `recommended-tweet`. */
const OTHERS = whole(
  `${FRONT}(?:recommended|recommend(?:s|ations?)|recirc|most[-_]?(?:read|popular|viewed|shared|commented)|trending|popular[-_]{1,2}(?:posts?|articles?|stories|news))(?:[-_]{1,2}(?:posts?|articles?|stories|news|recipes?|products?|flyout|social))?${PARTS}`,
  `${FRONT}related(?:[-_]{1,2}(?:posts?|articles?|stories|news|recipes?|products?|topics?))?${PARTS}`,
);
/**
 * `comments-wrapper`, `fyre-comment-list`, `comment-123`; not `comments-open` or `no-comments-list`, which say something of
 * the article, and not `comment` alone, which may be an opinion piece.
 */
const COMMENTS =
  /^(?!(?:has|no|with|without|hide|show|is)[-_])(?:[a-z\d]{1,15}[-_]{1,2}){0,2}comments?(?:[-_]{1,2}(?:list|wrap|wrapper|container|area|section|body|content|text|thread|block|box|tree|feed|panel|holder|inner|outer|template|replies|root|module|widget|\d+))+$/;
/** One reader's comment among others: `<li class="comment">`, `<article class="comment" id="comment-12">`. */
export const COMMENT_ID = /\sid\s*=\s*["']?(?:li-|div-)?comment[-_]?\d+["'\s>]/i;
/** `related_post`, `post-related`, `crp_related`; not `related-video` or `related-tweet`, which may be the article's own. */
const RELATED =
  /^(?:(?:posts?|article|single|entry|content|item|block|view|views|crp|wp|jp|zem|rp4wp|c|m)[-_]{1,2}){0,2}related(?:[-_]{1,2}(?:posts?|articles?|stories|story|news|recipes?|products?|links?|items?|entries|topics?|list|grid|row|cols?|wrap|wrapper|container|area|section|block|box|inner|module|panel|widget|title|\d+))*$/;
/** Components that draw a thread of replies: `<bsky-comments>`, `<mastodon-comments>`. */
export const COMMENTS_TAG = /^<[a-z][a-z\d]*(?:-[a-z\d]+)*-comments?[\s/>]/i;
const WEBMENTIONS = /^webmentions?(?:[-_]|$)/;

export const isOutside = (word: string): boolean =>
  OUTSIDE_NAMES.has(word) ||
  FEED_WIDGET.test(word) ||
  (word.includes('related') && RELATED.test(word)) ||
  (word.includes('comment') && COMMENTS.test(word)) ||
  WEBMENTIONS.test(word);

/** Names that the article's own box may bear as well: believed where it does not hold the page's text. */
export const isBeside = (word: string): boolean =>
  SIDEBAR_NAMES.has(word) || (TELLING.test(word) && isNamedBeside(word));
const TELLING =
  /bar|modal|popup|lightbox|newsletter|subscribe|author|recommend|recirc|most|trending|popular|related/;

const isNamedBeside = (word: string): boolean =>
  SIDEBAR.test(word) ||
  AUTHOR.test(word) ||
  OTHERS.test(word) ||
  (POPUP.test(word) && !OF_AN_EMBED.test(word));
