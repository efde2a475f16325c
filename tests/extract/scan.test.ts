/** The structure of markup: which element holds a place, where elements begin and end, and that finding out is linear work. */
import { describe, expect, it } from 'vitest';
import {
  nameOf,
  type Places,
  placesOf,
  SPOT_RAW,
  SPOT_TAG,
  SPOT_TEXT,
} from '../../src/extract/places.ts';
import { CDATA, COMMENT, type Structure, scan } from '../../src/extract/scan.ts';
import { counted } from './counted.ts';

/** `|` marks the places asked about. */
function scanned(marked: string): { text: string; structure: Structure; places: Places } {
  const hits: number[] = [];
  let text = '';
  for (const character of marked) {
    if (character === '|') hits.push(text.length);
    else text += character;
  }
  const bytes = Buffer.from(text, 'latin1');
  const structure = scan({ text, bytes });
  return { text, structure, places: placesOf(structure, Int32Array.from(hits)) };
}

/** The elements that hold the first place, innermost first. */
function path(marked: string): string[] {
  const { text, structure, places } = scanned(marked);
  const names: string[] = [];
  let at = places.holder[0] ?? -1;
  for (; at >= 0; at = structure.parent[at] ?? -1) names.push(nameOf(text, structure, at));
  return names;
}

describe('what holds a place', () => {
  it.each([
    ['<div><p>a|b</p></div>', ['p', 'div']],
    ['<p>one<p>t|wo', ['p']],
    ['<ul><li>a<li>|b', ['li', 'ul']],
    ['<div><br>|x', ['div']],
    ['<b><i></b>|x', []],
    ['<div></p></span>|x</div>', ['div']],
    ['<DIV><A>|x', ['a', 'div']],
    ['|x', []],
    ['<div title="a>b">|x', ['div']],
    ["<div title='<p>'>|x", ['div']],
    ['<div a = "x>y">|z', ['div']],
    ['< div>|x', []],
    ['<?php echo "<p>" ?>|x', []],
    ['<!doctype html><p>|x', ['p']],
    ['<div><custom-tag>|x', ['custom-tag', 'div']],
  ])('%s', (marked, names) => {
    expect(path(marked)).toEqual(names);
  });

  it.each([
    ['<script>if (a<b) "|"</script>', 'script', SPOT_RAW],
    ['<script>"</scripted>|"</script>', 'script', SPOT_RAW],
    ['<textarea><p>|</textarea>', 'textarea', SPOT_RAW],
    ['<SCRIPT>|</ScRiPt >', 'script', SPOT_RAW],
    ['<p class="|">', 'p', SPOT_TAG],
    ['<p>|', 'p', SPOT_TEXT],
  ])('%s: in the element, and where in it', (marked, name, spot) => {
    const { text, structure, places } = scanned(marked);
    expect(nameOf(text, structure, places.holder[0] ?? -1)).toBe(name);
    expect(places.spot[0]).toBe(spot);
  });

  it.each([
    ['<!-- a <p> | -->', COMMENT],
    ['<!-- never closed | a', COMMENT],
    ['<![CDATA[ <p> | ]]>', CDATA],
  ])('%s: an element of its own', (marked, name) => {
    const { structure, places } = scanned(marked);
    expect(structure.name[places.holder[0] ?? -1]).toBe(name);
    expect(places.spot[0]).toBe(SPOT_RAW);
  });
});

describe('where an element stands', () => {
  const slices = (text: string): string[] => {
    const { structure } = scanned(text);
    return Array.from({ length: structure.count }, (_, i) =>
      text.slice(structure.start[i], structure.end[i]),
    );
  };

  it('is from its open tag to its end tag', () => {
    expect(slices('a<p class=x>b<i>c</i></p>d')).toEqual(['<p class=x>b<i>c</i></p>', '<i>c</i>']);
  });

  it('ends where the next one or its parent ends it', () => {
    expect(slices('<ul><li>a<li>b</ul>c')).toEqual(['<ul><li>a<li>b</ul>', '<li>a', '<li>b']);
  });

  it('ends with the text where nothing ends it', () => {
    expect(slices('<div><p>a')).toEqual(['<div><p>a', '<p>a']);
  });
});

describe('the work of a scan', () => {
  const hostile: Readonly<Record<string, (n: number) => string>> = {
    'nested elements, never closed': (n) => '<div>'.repeat(n),
    'nested elements, closed': (n) => '<div>'.repeat(n) + '</div>'.repeat(n),
    'end tags of nothing': (n) => `<div>${'</p></b></zzz>'.repeat(n)}`,
    'end tags of nothing, deep inside': (n) => '<i>'.repeat(n) + '</zzz>'.repeat(n),
    'lists never closed': (n) => '<ul><li>'.repeat(n),
    'a flood of <': (n) => '<'.repeat(n),
    'comments never closed': (n) => '<!--'.repeat(n),
    'almost ends of comments': (n) => `<!--${'--'.repeat(n)}`,
    'sections never closed': (n) => '<![CDATA[]]'.repeat(n),
    'scripts never closed': (n) => '<script>'.repeat(n),
    'almost end tags': (n) => `<script>${'</scrip'.repeat(n)}`,
    'attributes of one tag': (n) => `<div ${'a="b>" '.repeat(n)}`,
    'quotes never closed': (n) => '<a b="'.repeat(n),
    'spaces after equals signs': (n) => `<a b=${' '.repeat(n)}= ${' '.repeat(n)}`,
    'instructions never closed': (n) => '<?'.repeat(n),
  };

  it.each(Object.entries(hostile))('%s: twice as many take twice the looks', (_, make) => {
    const looks = (n: number): number => {
      const { scanned: double, visited } = counted(make(n));
      scan(double);
      return visited();
    };
    expect(looks(2000)).toBeLessThan(2.2 * looks(1000) + 500);
  });
});
