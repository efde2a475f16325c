/**
 * Plain selectors are walked instead of compiled, large open tags read without the parser: they must find what cheerio and
 * its parser find, in their order.
 */
import { load } from 'cheerio/slim';
import { isTag } from 'domhandler';
import { parseDocument } from 'htmlparser2';
import { expect, test } from 'vitest';
import { parseElement } from '../../src/extract/element.ts';
import { largeOpenTag } from '../../src/extract/open-tag.ts';
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

const PAD = `data-pad="${'x'.repeat(3000)}"`;

test.each([
  ['as its own', true, 'class="a b" id=\'c\''],
  ['with references', true, 'data-x="{&quot;a&quot;:1,&amp;copy=2&copy=3&notit;&lt}"'],
  ['the first of two with one name', true, 'A="1" a="2"'],
  ['with > and the other quote in values', true, 'style="a>b" title=\'say "no"\''],
  ['with bytes beyond ASCII', true, 'title="Z\u00fcrich \u2014 \u6771\u4eac"'],
  ['left to the parser: unquoted', false, 'a=b'],
  ['left to the parser: space around the sign', false, 'a = "b"'],
  ['left to the parser: no space between', false, 'a="b"c="d"'],
  ['left to the parser: a stray quote', false, 'a="b"" c="d"'],
])('a large open tag, %s', (_, ours, attributes) => {
  const html = `<div ${PAD} ${attributes}>`;
  const view = rootView(openSource(Buffer.from(html), 'utf-8'));
  const read = largeOpenTag(view, 0, view.text.length);
  expect(read !== null).toBe(ours);
  const parsed = parseDocument(html).children.find(isTag);
  if (read) expect(Object.entries(read.attribs)).toEqual(Object.entries(parsed?.attribs ?? {}));
});
