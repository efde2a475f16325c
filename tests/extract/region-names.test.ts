/** The names by which themes call what is not the article: each word of the rules, and look-alikes that are the article's. */
import { describe, expect, it } from 'vitest';
import { COMMENT_ID, COMMENTS_TAG, isBeside, isOutside } from '../../src/extract/region-names.ts';

const words = (list: string): string[] => list.split(' ');
/** `sidebar-` and each of a list's words. */
const joined = (front: string, list: string, back = ''): string =>
  words(list)
    .map((word) => front + word + back)
    .join(' ');

/** What a theme puts behind the name of a box. */
const PARTS =
  'col cols column wrap wrapper container inner outer content body area widget widgets block blocks box primary secondary first second mod module panel sticky list item items grid row slider carousel section header heading title text caption image photo description desc info link links 2';
/** What says that something has such a box, or what is done with it. */
const ABOUT =
  'has have no non with without show hide is open close toggle full layout content tag category cat';
const NOT = 'has no with without hide show is';

describe('names of what is outside the article', () => {
  it.each([
    [
      'bars, feet, widgets',
      'widget-area widgetarea footer site-footer page-footer footer-widgets colophon newsletter-signup site-navigation main-navigation breadcrumbs breadcrumb off-canvas widget_text widget_custom_html widget_block widget_rss widget_recent_entries widget_media_image',
    ],
    [
      'replies',
      'comments commentlist respond webmentions webmentions-list webmention_box livefyre fyre livefyre-comments livefyre_comments vuukle-comments fb-comments facebook-comments disqus_thread disqus-thread disqus-comments dsq-thread dsq-comments spcv_root spcv_conversation spotim-conversation coral_thread coral-talk hyvor-talk-view vf-comments isso-thread remark42 cusdis_thread commento giscus utterances vk_comments',
    ],
    [
      'replies to articles',
      'user-comments reader-comments usercomments readercomments article-comments post-comments story-comments entry-comments comment-respond discussion-thread discussion-threads discussion-list thread-even thread-odd',
    ],
    [
      'replies in other languages',
      'kommentare kommentarbereich leserkommentare nutzerkommentare commentaires comentarios commenti reacties kommentarer yorumlar komentarze komentare komentari kommentit hozzaszolasok',
    ],
    [
      'parts of replies',
      joined(
        'comment-',
        'list wrap wrapper container area section body content text thread block box tree feed panel holder inner outer template replies root module widget 12',
      ),
    ],
    [
      'replies, named longer',
      'a-comments-list a-b-comments-list a--b__comment__list comment_list comment-list-2-inner fyre-comment-list',
    ],
    [
      'other articles',
      'related related-content relatedposts yarpp-related jp-relatedposts recommended recommendations recirc most-read mostread most-popular mostpopular most-viewed trending trending-now more-stories more-news read-next readnext latest-news also-read',
    ],
    [
      'related, in front',
      joined(
        '',
        'post posts article single entry content item block view views crp wp jp zem rp4wp c m',
        '-related',
      ),
    ],
    [
      'related, behind',
      joined(
        'related-',
        'post posts article articles story stories news recipe recipes product products link links item items entries topic topics list grid row col cols wrap wrapper container area section block box inner module panel widget title 3',
      ),
    ],
    ['related, both', 'related_post post-block-related--list related-posts-grid-2'],
    [
      'feeds of networks',
      'twitter-feed twitterfeed twitter-timeline latest-tweets recent-tweets tweets-widget tweet-list-widget social-feed social-stream social-wall socialfeed instagram-feed instagramfeed sbi sb_instagram',
    ],
    [
      'plugins for feeds',
      'widget_twitter widget_tweet widget_tweets widget_my_instagram widget_facebook_page widget_youtube aptf-tweets sbi_images wpcom-instagram-2 fts-feed juicer-feed curator-feed-1 ctf ctf-tweets',
    ],
  ])('%s', (_, list) => {
    expect(words(list).filter((word) => !isOutside(word))).toEqual([]);
  });

  it.each([
    [
      'replies are spoken of',
      `comment no-comments comments-open commented-list comment-listing old-comment-policy a-b-c-comments-list ${joined('', NOT, '-comments-list')} ${joined('', NOT, '_comment-box')}`,
    ],
    [
      'relations are spoken of',
      `related-video related-tweet unrelated-list related-articles-wide a-related a-b-related post-post-post-related ${joined('', `${NOT} tag category`, '-related')} ${joined('', NOT, '-related-posts')}`,
    ],
    [
      'widgets, posts',
      'widget__twitter widget_video twitter-widget twitter-tweet sb-tweet a-sbi_ mention webmentioned mywebmentions',
    ],
    ['an address or quote in a sentence', 'news latest more read footnote article-body'],
  ])('not: %s', (_, list) => {
    expect(words(list).filter(isOutside)).toEqual([]);
  });
});

describe('names of what is beside the article, unless it holds its text', () => {
  it.each([
    ['rails', 'right-rail left-rail rightrail'],
    [
      'sidebars',
      `sidebar side-bar side_bar mainsidebar leftsidebar rightsidebar right-sidebar a-b-c-d-sidebar a--b__c-sidebar ${joined('sidebar-', 'right left one two nav menu banner promo ad ads newsletter')}`,
    ],
    ['parts of sidebars', joined('sidebar-', PARTS)],
    ['parts of parts', 'sidebar__inner--first-2 recipe__sidebar sidebar-left-inner'],
    [
      'boxes over the page',
      `modal popup lightbox site-modal ${joined('modal-', 'dialog window overlay backdrop navigation message waiting step')} popup__overlay-inner`,
    ],
    [
      'boxes that ask for an address',
      `newsletters-form subscribe-form ${joined('newsletter-', 'signup sign-up sign_up form box widget popup modal banner thanks cta promo sticky')} site-newsletter__box-inner`,
    ],
    [
      'authors',
      `authors-bio post-author-box-inner ${joined('author-', 'bio biography box about')} about-author about-authors about-the-author a-about__the_author-box ${joined('', 'post entry article single', '-author-info')} ${joined('post-author-', 'info card details')} single-author-details-box`,
    ],
    [
      'recommendations',
      `recommends recommendation a-recommended ${joined('a-most-', 'read popular viewed shared commented')} mostshared recirc-list ${joined('popular-', 'post posts article articles stories news')} trending-box ${joined('trending-', 'post posts article articles stories news recipe recipes product products flyout social')} module-recommended-inner`,
    ],
    [
      'what is related, named longer',
      `a-b-related a-b-c-d-related-inner c-recipe__related ${joined('a-b-related-', 'post posts article articles stories news recipe recipes product products topic topics')}`,
    ],
  ])('%s', (_, list) => {
    expect(words(list).filter((word) => !isBeside(word))).toEqual([]);
  });

  it.each([
    [
      'the article has one, or lacks it',
      `${joined('', ABOUT, '-sidebar')} ${joined('page-', ABOUT, '-sidebar')} ${joined('', ABOUT, '-modal')} ${joined('', 'has no with', '-author-bio')} ${joined('', 'has no tag', '-trending')}`,
    ],
    [
      'longer or other words',
      'sidebars sidebar-wide insidebar-2 a-b-c-d-e-sidebar sidebar-article content-sidebar-wrap',
    ],
    [
      'what shows a post',
      joined(
        '',
        'embed consent cookie privacy gdpr tweet twitter social video media player gallery insta facebook tiktok',
        '-modal',
      ),
    ],
    [
      'not a box',
      'newsletter subscribe newsletter-text modal-tweet popup-wide modality lightboxes',
    ],
    [
      'a byline',
      'author authors author-info author-name about-us about-the-bridge post-author page-author-info',
    ],
    [
      'posts, videos',
      'recommended-tweet trending-tweet related-video popular popular-tweet most most-liked',
    ],
  ])('not: %s', (_, list) => {
    expect(words(list).filter(isBeside)).toEqual([]);
  });
});

describe('one reply among others', () => {
  it.each([
    '<li id="comment-12">',
    "<li class=x id='li-comment-3'>",
    '<li id=div-comment4 >',
    '<li ID = comment_5>',
  ])('%s', (tag) => {
    expect(COMMENT_ID.test(tag)).toBe(true);
  });
  it.each([
    '<li data-id="comment-12">',
    '<li id="comment-box">',
    '<li id="no-comment-1">',
    '<li id="comment-1a">',
  ])('not %s', (tag) => {
    expect(COMMENT_ID.test(tag)).toBe(false);
  });
  it.each(['<bsky-comments>', '<mastodon-comment post="1">', '<my-blog-comments/>'])(
    '%s',
    (tag) => {
      expect(COMMENTS_TAG.test(tag)).toBe(true);
    },
  );
  it.each([
    '<comments>',
    '<comment-free-box>',
    '<div class="a-comments">',
    '<div title="<a-comments>">',
    '<my-commentary>',
  ])('not %s', (tag) => {
    expect(COMMENTS_TAG.test(tag)).toBe(false);
  });
});
