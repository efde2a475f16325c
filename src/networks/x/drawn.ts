/**
 * A post as X's own page or widget draws it since 2020, kept by programs that save what a browser shows: `<article
 * data-testid="tweet">` pasted into a page, the widget's frame with its document in `srcdoc` (SingleFile, Save Page WE). The
 * class names are hashed, so the parts are told by test ids, languages and what they hold.
 */
import type { Cheerio } from 'cheerio/slim';
import type { Element } from 'domhandler';
import { found, textOf } from '../../extract/fields.ts';
import type { Candidate, Found, Post } from '../../extract/network.ts';

const HANDLE = /^@(\w{1,20})$/;
const WIDGET = /(?:twitter|x)\.com\/\w{1,20}\/status/i;

export function readDrawn(c: Candidate): Post | null {
  if (c.element.attribs['data-testid'] !== 'tweet') return null;
  return drawnIn(c, c.root, true);
}

/** The frame's own document; its nodes have no place in the page, so the frame is the source of every field. */
export function readSavedFrame(c: Candidate): Post | null {
  const document = c.element.attribs['srcdoc'] ?? '';
  if (!WIDGET.test(document)) return null;
  const post = drawnIn(c, c.$('<div></div>').html(document) as Cheerio<Element>, false);
  return post?.text || post?.date ? post : null;
}

function drawnIn(c: Candidate, root: Cheerio<Element>, placed: boolean): Post | null {
  const time = root.find('a[href*="/status/"] time[datetime]').first();
  const ref = c.claim(time.closest('a').attr('href'));
  if (!ref) return null;
  const text = root.find('[data-testid="tweetText"], div[lang][dir]').first();
  const handle = root
    .find('span, a, div')
    .filter((_, node) => HANDLE.test(textOf(node)))
    .first();
  const shown = HANDLE.exec(textOf(handle))?.[1];
  const name = root
    .find('a[href]')
    .filter((_, node) => isName(node, shown))
    .first();
  const at = (
    value: string | undefined,
    rule: string,
    node: Cheerio<Element>,
  ): Found<string> | null => (placed ? found(value, rule, node) : found(value, rule));
  return {
    ref,
    name: at(textOf(name), 'card author', name),
    handle: at(shown, 'card handle', handle),
    date: at(textOf(time), 'time', time),
    datetime: at(time.attr('datetime'), 'time[datetime]', time),
    text: at(textOf(text), 'card text', text),
    lang: at(text.attr('lang'), 'p[lang]', text),
    form: 'card',
  };
}

/** The first link to the account that shows neither its handle nor nothing. */
function isName(link: Element, handle: string | undefined): boolean {
  const path = link.attribs['href']?.replace(HOST, '').replace(QUERY, '');
  const label = textOf(link);
  return handle !== undefined && path === `/${handle}` && label !== '' && !HANDLE.test(label);
}
const HOST = /^https?:\/\/(?:www\.|mobile\.)?(?:twitter|x)\.com/i;
const QUERY = /[?#].*$/s;
