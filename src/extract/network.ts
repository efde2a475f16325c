/**
 * The interface a social network implements. One folder per network, `src/networks/<name>/index.ts`, exporting
 * `export const network: Network`; `src/networks/index.ts` finds the folders, nothing else names them.
 *
 * A network knows how *a post looks*: its addresses, ids, markup, JSON objects. It knows nothing of *wrappers*
 * (noscript, template, escaped attributes, hydration JSON, lazy attributes, …): the engine undoes those and hands
 * each network the same small pieces, so a new wrapper works for every network and the other way round.
 *
 * What the engine does by itself, so that a network need not:
 * - unwrap and clean addresses before `claim` (entities, `\/`, `\u002F`, percent, Wayback, AMP cache, embedly,
 *   iframely, `?url=` partials, l.facebook.com): `claim` sees an absolute `URL`;
 * - recognise, through `claim` alone: `<iframe>` with any `src`-like attribute (form `iframe`), any `data-*` or
 *   custom attribute holding a post address on an embed-like element (`attribute`), a bare address alone in its
 *   paragraph (`bare-url`), an address in a JSON object typed as embed (`json`), inline links (citations);
 * - decide embed or citation, sidebar, timeline, comments, other article; merge copies; compute `postedAt`, confidence.
 * So a minimal network is `name`, `markers`, `claim`; `elements` add fields or shapes that carry no full address.
 *
 * Example (X, shortened):
 * ```ts
 * export const network: Network = {
 *   name: 'x',
 *   markers: ['twitter.com', 'x.com', 'tweet'],
 *   claim: (url) => claimStatus(url),
 *   elements: [
 *     { form: 'blockquote',
 *       match: { tags: ['blockquote'], classes: ['twitter-tweet', 'nojs-tweet'], attributes: ['data-tweetid'] },
 *       read: (c) => {
 *         const link = c.root.find('a[href*="/status"]').last();
 *         const ref = c.claim(link.attr('href'));
 *         return ref && { ref, text: found(textOf(c.root.find('p').first()), 'p', c.root.find('p').first()) };
 *       } },
 *     { form: 'amp', match: { tags: ['amp-twitter'] }, read: (c) => refById(c, 'data-tweetid') },
 *   ],
 * };
 * ```
 */
import type { Cheerio, CheerioAPI } from 'cheerio/slim';
import type { AnyNode, Element } from 'domhandler';
import type { Media } from '../embed.ts';

/** How the page expressed a post. `src/extract/forms.ts` holds the meaning and confidence of each. */
export type Form =
  | 'blockquote' /* the official markup, with an attribution or text of the post */
  | 'blockquote-link' /* the official element, but only a link in it */
  | 'iframe' /* the network's own frame (also rendered by its script) */
  | 'amp' /* an AMP component */
  | 'card' /* other markup that shows the post: e-mail cards, react-tweet, CMS templates */
  | 'attribute' /* an id or address in an attribute of a placeholder */
  | 'script' /* a script element or call that renders the post: Telegram, VK */
  | 'bare-url' /* an address alone in its paragraph */
  | 'json' /* a JSON object */
  | 'screenshot' /* a picture of the post with its text as alternative */
  | 'text' /* text residue without markup */
  | 'link'; /* a link in running text: always a citation */

/** A post as its address names it. */
export interface PostRef {
  /** Unique within the platform; see docs/NETWORKS.md for each. */
  readonly postId: string;
  /** Of a comment below the post. */
  readonly commentId?: string;
  /** Canonical address; null where the id alone does not give one (a Tumblr number, an Instagram story). */
  readonly url: string | null;
  /** The handle the address shows, without `@` (Mastodon: `user@host`); null for placeholders. */
  readonly handle: string | null;
  /** Why the handle of the address was refused, e.g. `placeholder "i"`. */
  readonly handleReason?: string;
  /**
   * `post`: a permalink. `embed`: the address of the frame or player itself, which nobody writes as a link.
   * `action`: share, like, reply links that name a post: never a claim by themselves. Default `post`.
   */
  readonly kind?: 'post' | 'embed' | 'action';
}

/** A field and where it was read. */
export interface Found<T> {
  readonly value: T;
  /** The rule, e.g. `attribution`, `time[datetime]`, `p`. */
  readonly rule: string;
  /** The node that holds it; its offsets become the source's span (else the whole evidence's). */
  readonly node?: AnyNode | undefined;
  /** Why the value is doubtful. */
  readonly reason?: string;
}

/** What a network read from one element, object or text. Absent fields stay absent: never guess. */
export interface Post {
  /** Null where this copy does not carry the id. A post with neither id nor text nor handle is dropped. */
  readonly ref: PostRef | null;
  readonly name?: Found<string> | null;
  /** From the attribution or a field; the address's handle is added by the engine. */
  readonly handle?: Found<string> | null;
  /** The date as the page shows it. */
  readonly date?: Found<string> | null;
  /** A machine-readable date (ISO attribute, `Sat Aug 28 06:11:53 +0000 2021`, unix seconds as digits). */
  readonly datetime?: Found<string> | null;
  readonly text?: Found<string> | null;
  readonly lang?: Found<string> | null;
  readonly media?: Found<readonly Media[]> | null;
  /** Multiplies the form's confidence where this copy is less certain than its kind, e.g. 0.5. */
  readonly certainty?: number;
  /** A better form than the rule's, e.g. `blockquote-link` where the official element held only a link. */
  readonly form?: Form;
}

/** Which open tags a rule looks at: the tag is one of `tags` (if given) and, if either is given, has one of the classes or attributes. */
export interface Match {
  readonly tags?: readonly string[];
  /** Whole class names, lower case. */
  readonly classes?: readonly string[];
  readonly attributes?: readonly string[];
  /**
   * Must stand in the element, as it is written, and holds one of the network's markers: spares parsing every script for
   * the sake of one call.
   */
  readonly holds?: string;
}

/** An element handed to a rule: the slice of the page that holds it, parsed alone with cheerio/slim. */
export interface Candidate {
  readonly $: CheerioAPI;
  readonly root: Cheerio<Element>;
  readonly element: Element;
  /** This network's `claim`, after the engine has unwrapped and completed the address. */
  readonly claim: (address: string | undefined) => PostRef | null;
  /** The page's address, where known. */
  readonly pageUrl: string | null;
}

export interface ElementRule {
  readonly form: Form;
  readonly match: Match;
  /** Null: not a post after all; the next rule is asked. Several where one element makes several posts appear. */
  readonly read: (candidate: Candidate) => Post | readonly Post[] | null;
}

export type Json = string | number | boolean | null | readonly Json[] | JsonObject;
export interface JsonObject {
  readonly [key: string]: Json;
}

export interface ObjectRule {
  readonly form: Form;
  /** One of these keys must be there (cheap test before `read`). */
  readonly keys: readonly string[];
  readonly read: (
    object: JsonObject,
    tools: { readonly claim: (address: Json | undefined) => PostRef | null },
  ) => Post | null;
}

/** A stretch of plain text that is a post; offsets are UTF-16 indices into the text given. */
export interface TextPost {
  readonly post: Post;
  readonly start: number;
  readonly end: number;
}

export interface Network {
  /** The platform, e.g. `bluesky`. */
  readonly name: string;
  /**
   * Lower-case ASCII strings without `/ : " ' & < > \ %` and spaces, one of which stands (in any letter case) wherever a
   * post of this network does: in its address, class, attribute name. The prefilter looks for nothing else. A RegExp
   * (no flags, no capture groups) where no string does, e.g. ActivityPub addresses on any host.
   */
  readonly markers: readonly (string | RegExp)[];
  /** The post an absolute http(s), at:// … address names, or null. Exactly one network may claim an address. */
  readonly claim: (url: URL) => PostRef | null;
  readonly elements?: readonly ElementRule[];
  readonly objects?: readonly ObjectRule[];
  /**
   * Objects in data that are typed as this network's and name a post by an id alone, `{ "type": "tweet", "id": "…" }`:
   * what their type or key says, and the post of an id, given the key it stands under. Ids that others have too
   * (numbers of few digits, names) must give null.
   */
  readonly typed?: {
    readonly says: RegExp;
    readonly ref: (id: string, key: string) => PostRef | null;
  };
  /** Shapes that are no posts, with everything inside: timelines, follow and share buttons, page plugins. */
  readonly ignore?: readonly Match[];
  /** Signs that a post is meant to appear here though its id is not in the page. */
  readonly placeholders?: readonly {
    readonly match: Match;
    /** What the open tag must say besides. */
    readonly says?: RegExp;
    /** It counts only where it holds nothing that a reader sees. */
    readonly empty?: boolean;
    readonly reason: string;
  }[];
  /** An address that may lead to a post, which only the network knows: share links, short links. */
  readonly opaque?: (url: URL) => boolean;
  /** Posts in plain text (output of text extractors, articleBody). */
  readonly residue?: (text: string) => readonly TextPost[];
  /** The canonical address with the handle that turned out right; default `ref.url`. */
  readonly permalink?: (ref: PostRef, handle: string | null) => string | null;
}
