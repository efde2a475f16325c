/**
 * Which parts of a page are not the article: sidebars, footers, comments, feeds, teasers of other articles. Told by what
 * the markup calls them, never by publisher. Whatever holds the page's headline is the article, whatever it is called:
 * themes write `has-sidebar` and `comments-open` on the element that holds everything.
 */
import { code } from './element-names.ts';
import { nextArticles } from './next-articles.ts';
import { Paragraphs } from './paragraphs.ts';
import { COMMENT_ID, COMMENTS_TAG, isBeside, isOutside } from './region-names.ts';
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

const NAMES = /\s(?:class|id|role|data-testid)\s*=\s*(?:"([^"]*)"|'([^']*)'|([^\s>]+))/gi;
const SPACE = /\s+/;
const MODAL = /\saria-modal\s*=\s*["']?true\b/i;
const MAX_TAG = 2000;
const MAX_CLIMB = 64;

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
  private firstArticle: number | null = null;

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
    const beside = words.some(isBeside) || MODAL.test(tag);
    return beside && !this.holdsTheText(index);
  }

  /** Most of the page's paragraphs, or its first article with paragraphs: themes call the column of it `main-sticky-sidebar`. */
  private holdsTheText(index: number): boolean {
    const { start, close } = this.structure;
    this.paragraphs ??= new Paragraphs(this.structure);
    if (this.paragraphs.mostIn(start[index] ?? 0, close[index] ?? 0)) return true;
    this.firstArticle ??= firstArticle(this.structure, this.paragraphs);
    const at = start[this.firstArticle] ?? -1;
    return at > (start[index] ?? 0) && at < (close[index] ?? 0);
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

/** The first article that is more than a teaser or the preview of a link; -1 is none. */
function firstArticle({ name, start, close, count }: Structure, paragraphs: Paragraphs): number {
  const names = name.subarray(0, count);
  for (let at = names.indexOf(ARTICLE); at >= 0; at = names.indexOf(ARTICLE, at + 1)) {
    if (paragraphs.countIn(start[at] ?? 0, close[at] ?? 0) >= SOME) return at;
  }
  return -1;
}
const SOME = 3;
