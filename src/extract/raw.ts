/** What stands in raw text: scripts (templates or data), textareas, comments, CDATA sections. */
import { readData } from './data.ts';
import { hitsWithin } from './hits.ts';
import type { Page, Spot } from './page.ts';
import { nameOf } from './places.ts';
import { readByRules } from './rules.ts';
import { CDATA, COMMENT } from './scan.ts';
import { looksLikeData } from './sweep.ts';
import { attributeOf, attributeValue } from './tag.ts';
import { type Inner, innerView } from './view.ts';
import type { Wrapper } from './wrappers.ts';

const TEMPLATE_TYPE = /^(?:text\/(?!javascript|ecmascript|babel|jscript)[\w.+-]+|opt-in|x-[\w-]+)/i;
const WP_BLOCK = /^\s*\/?wp:(?:core-)?embed/;
const BASE64 = /^\s*[A-Za-z0-9+/]{40,}={0,2}\s*$/;
const MARKUP = /^\s*<[a-z]/i;
const PROGRAM =
  /^(?:$|module|(?:text|application)\/(?:x-)?(?:java|ecma)script|application\/(?:ld\+)?json)/i;

export function readRaw(page: Page, spot: Spot): void {
  const { structure, view } = page;
  const name = structure.name[spot.holder];
  const tag = nameOf(view.text, structure, spot.holder);
  if (name === COMMENT) readComment(page, spot);
  else if (name === CDATA) enter(page, spot.holder, { wrappers: ['cdata'] });
  else if (tag === 'textarea') enter(page, spot.holder, { wrappers: ['textarea'] });
  else if (tag === 'script') readScript(page, spot);
  // Instant articles keep markup in a frame without an address; a browser takes a frame's content for text.
  else if (tag === 'iframe' && !attributeOf(page.tagOf(spot.holder), 'src'))
    enter(page, spot.holder, { wrappers: [] });
}

function enter(page: Page, holder: number, inner: Omit<Inner, 'start' | 'end'>): void {
  page.read(
    innerView(page.view, {
      start: page.structure.open[holder] ?? 0,
      end: page.structure.close[holder] ?? 0,
      wrappers: inner.wrappers,
      setting: { ...inner.setting, outside: page.regions.outside(holder) },
    }),
  );
}

function readScript(page: Page, spot: Spot): void {
  const { structure, view } = page;
  const tag = page.tagOf(spot.holder);
  if (readByRules(page, spot, tag)) return;
  const typed = attributeOf(tag, 'type');
  const type = typed ? attributeValue(view, typed) : '';
  const start = structure.open[spot.holder] ?? 0;
  const end = structure.close[spot.holder] ?? 0;
  const content = view.text.slice(start, end);
  if (BASE64.test(content)) {
    enter(page, spot.holder, { wrappers: ['script', 'base64'], setting: { data: true } });
  } else if (TEMPLATE_TYPE.test(type) || (!PROGRAM.test(type) && MARKUP.test(content))) {
    enter(page, spot.holder, { wrappers: ['script'] });
  } else {
    const setting = { outside: view.setting.outside, data: true };
    const inner = innerView(view, { start, end, wrappers: ['script'], setting });
    readData(page.run, inner, { read: page.read, hits: hitsWithin(page.hits, start, end) });
  }
}

/** A CMS's own block mark names the post; commented-out markup is switched off, not an embed. */
function readComment(page: Page, spot: Spot): void {
  const { structure, view } = page;
  const start = structure.open[spot.holder] ?? 0;
  const end = structure.close[spot.holder] ?? 0;
  const content = view.text.slice(start, Math.min(end, start + 200));
  if (!WP_BLOCK.test(content)) return;
  const json = view.text.indexOf('{', start);
  if (json < 0 || json >= end) return;
  const wrappers: Wrapper[] = ['comment'];
  const inner = innerView(view, {
    start: json,
    end,
    wrappers,
    setting: { data: true, outside: page.regions.outside(spot.holder) },
  });
  if (looksLikeData(inner.text)) readData(page.run, inner, { read: page.read });
}
