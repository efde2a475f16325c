import { describe, expect, it, test } from 'vitest';
import { pageShape } from '../src/page-shape.ts';

const shape = (html: string) => pageShape(Buffer.from(html));
const page = (body: string, head = '') =>
  `<!doctype html><html><head><title>x</title>${head}</head><body>${body}</body></html>`;

describe('the shape of a page', () => {
  test('is of its template, not of what it says or how often', () => {
    const one = shape(page('<main><article><h1>One</h1><p>Text</p></article></main>'));
    const other = shape(
      page('<main class="b"><article id=7><H1>Two</H1><p>a<p>b</p></article></main>'),
    );
    expect(other).toBe(one);
    expect(one).toMatch(/^page-[0-9a-f]{12}$/);
    expect(shape(page('<main><section><h1>One</h1></section></main>'))).not.toBe(one);
  });

  test('says which program made it', () => {
    const made = shape(page('<p>x', '<meta name="generator" content="WordPress 6.4.2" />'));
    expect(made).toMatch(/^wordpress-[0-9a-f]{12}$/);
    const turned = shape(page('<p>x', '<meta content="Hugo 0.1" name=generator>'));
    expect(turned).toMatch(/^hugo-[0-9a-f]{12}$/);
  });

  it.each([
    ['', 'empty'],
    [' \n ', 'empty'],
    ['Not found', 'text'],
    ['{"a":"<1"}', 'text'],
  ])('of %j is %s', (body, expected) => {
    expect(shape(body)).toBe(expected);
  });

  test('does not read scripts, comments and what is hidden in them', () => {
    const plain = shape(page('<div>x</div><script>1</script>'));
    expect(shape(page('<div>x</div><!-- <table> --><script>"<table><ul>"</script><!-- <ol>'))).toBe(
      plain,
    );
  });

  it.each([
    ['a million open tags', '<div>'.repeat(1_000_000)],
    ['a million close tags', '</p>'.repeat(1_000_000)],
    ['scripts that never end', '<script>'.repeat(500_000)],
    ['comments that never end', '<!--'.repeat(500_000)],
    ['half a meta', '<meta name="generator" '.repeat(100_000)],
    ['names without end', `<${'a'.repeat(2_000_000)}`],
    ['thousands of names', Array.from({ length: 50_000 }, (_, i) => `<x-${i}>`).join('')],
  ])('is found in %s before long', (_, body) => {
    expect(pageShape(Buffer.from(body)).length).toBeLessThan(40);
  });
});
