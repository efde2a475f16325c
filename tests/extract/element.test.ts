/** Plain selectors are walked instead of compiled: they must find what cheerio finds, in its order. */
import { load } from 'cheerio/slim';
import { expect, test } from 'vitest';
import { parseElement } from '../../src/extract/element.ts';
import { openSource } from '../../src/extract/source.ts';
import { rootView } from '../../src/extract/view.ts';

const HTML =
  '<blockquote><p>A <a href="/1">one</a> <a name="x">two<a href="">three</a></p><div><p lang="en"><a HREF="/4">four</a></p></div><time datetime></time></blockquote>';

test.each([
  'a',
  'a[href]',
  'p',
  'p[lang]',
  'time[datetime]',
  'blockquote',
  'h1',
  'div > p',
  'a, p',
])('%s finds what cheerio finds', (selector) => {
  const source = openSource(Buffer.from(HTML), 'utf-8');
  const parsed = parseElement(
    rootView(source),
    { start: 0, open: HTML.indexOf('>') + 1, end: HTML.length },
    source,
  );
  const own = parsed?.$(parsed.element).find(selector).toArray() ?? [];
  const peer = load(HTML)('blockquote').find(selector).toArray();
  const told = (elements: typeof peer) =>
    elements.map((one) => `${one.name} ${JSON.stringify(one.attribs)}`);
  expect(told(own)).toEqual(told(peer));
});
