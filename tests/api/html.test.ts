import { describe, expect, it } from 'vitest';
import { html, webAddress } from '../../src/api/html.ts';

describe('the html tag', () => {
  it('escapes whatever is put in, also in attributes', () => {
    const hostile = `"><script>alert('1')</script>&\``;
    expect(String(html`<a title="${hostile}">${hostile}</a>`)).toBe(
      '<a title="&quot;&gt;&lt;script&gt;alert(&#39;1&#39;)&lt;/script&gt;&amp;&#96;">&quot;&gt;&lt;script&gt;alert(&#39;1&#39;)&lt;/script&gt;&amp;&#96;</a>',
    );
  });

  it('keeps its own HTML and lists of it, and leaves out what is absent', () => {
    expect(
      String(
        html`<p>${html`<b>${'<'}</b>`}${[html`<i>1</i>`, '&']}${null}${undefined}${false}${0}</p>`,
      ),
    ).toBe('<p><b>&lt;</b><i>1</i>&amp;0</p>');
  });

  it('does not believe an object that merely looks like HTML', () => {
    const fake = { toString: () => '<script>' } as unknown as string;
    expect(String(html`${fake}`)).toBe('&lt;script&gt;');
  });
});

describe('an address to link to', () => {
  it.each([
    ['https://x.com/a/status/1', 'https://x.com/a/status/1'],
    ['HTTP://Example.org', 'http://example.org/'],
    ['https://example.org/"onmouseover="x', 'https://example.org/%22onmouseover=%22x'],
    ['javascript:alert(1)', null],
    [' java\nscript:alert(1)', null],
    ['data:text/html,<script>', null],
    ['vbscript:x', null],
    ['//evil.example', null],
    ['blob:https://x.com/1', null],
    ['', null],
    [null, null],
  ])('%j becomes %j', (given, address) => {
    expect(webAddress(given)).toBe(address);
  });
});
