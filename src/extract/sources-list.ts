/** Footnotes, references and lists of sources: an address alone in its paragraph is a citation there, not an embed. */
import { fold } from './fields.ts';
import type { Page } from './page.ts';
import { attributeOf, attributeValue } from './tag.ts';
import { unreferenced } from './wrappers.ts';

const NAMES =
  /(?:^|[\s_-])(?:foot-?notes?|end-?notes?|references|reference-list|reflist|bibliography|(?:article|post|story)-notes|sources(?:-list)?|source-list|cite_note|literatur|quellen|einzelnachweise|fuentes|fonti|bronnen)(?:$|[\s_\d-])|(?:^|\s)fn[-:]?\d/i;
const ROLES = /^doc-(?:endnotes?|footnote|bibliography|biblioentry)$/i;
const MAX_CLIMB = 10;
/** A heading of such a list, whatever stands in it besides. */
const HEADING =
  /^(?:\p{P}|\s)*(?:sources?|references?|notes?|foot-?notes?|end-?notes?|citations?|bibliography|further reading|links?|via|h\/t|hat tips?|quellen?|quellenangaben?|einzelnachweise|belege|nachweise|weiterführende links|références?|liens|fuentes?|referencias?|enlaces|fonti?|riferimenti|referências?|bronn?en|källor|kilder|lähteet|źródł[ao]|zdroje?|források?|kaynak(?:lar|ça)?|источники?|ссылки|джерел[ао]|πηγ(?:ή|ές)|参考(?:文献|資料|リンク)?|出典|来源|资料来源|출처)(?:\p{P}|\s)*$/iu;
const BACK = 4000;
const MAX_LINES = 40;
const BLOCK_TAG =
  /<\/?(?:p|div|li|ul|ol|h[1-6]|br|tr|td|dt|dd|dl|section|article|figure|blockquote|header|footer|hr)(?:\s[^>]*)?>/gi;
const TAG = /<[^>]*>/g;
const ADDRESS = /^(?:\[?\d+[\].:)]?\s*)?(?:https?:\/\/|www\.)\S+$/i;

/** Whether what begins at `start`, in the element `holder`, stands among sources. */
export function amongSources(page: Page, holder: number, start: number): boolean {
  let at = holder;
  for (let i = 0; at >= 0 && i < MAX_CLIMB; i++) {
    if (namesSources(page, at)) return true;
    at = page.structure.parent[at] ?? -1;
  }
  return underHeading(page, start);
}

function namesSources(page: Page, index: number): boolean {
  const tag = page.tagOf(index);
  if (tag.name === 'body' || tag.name === 'html' || tag.name === 'article') return false;
  const value = (name: string): string => {
    const attribute = attributeOf(tag, name);
    return attribute ? attributeValue(page.view, attribute) : '';
  };
  return NAMES.test(value('class')) || NAMES.test(value('id')) || ROLES.test(value('role'));
}

/** The nearest line before that is not itself an address says "Sources". */
function underHeading({ view }: Page, start: number): boolean {
  const before = view.text.slice(Math.max(0, start - BACK), start);
  return headed(before.replace(BLOCK_TAG, '\n').replace(TAG, ' '), (raw) =>
    unreferenced(view.decode(raw)),
  );
}

/** Whether the text ends in the heading of such a list, with nothing but addresses after it. */
export function headed(text: string, read: (raw: string) => string = (raw) => raw): boolean {
  const lines = text.slice(-BACK).split('\n').slice(-MAX_LINES);
  for (const raw of lines.reverse()) {
    const line = fold(read(raw));
    if (line === '' || ADDRESS.test(line)) continue;
    return HEADING.test(line);
  }
  return false;
}
