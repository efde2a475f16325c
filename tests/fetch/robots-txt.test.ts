/** RFC 9309, its own examples and what real files do. */
import { describe, expect, it } from 'vitest';
import { parseRobots } from '../../src/fetch/robots-txt.ts';

const allowed = (text: string, path: string, agent = 'embedkeep/0.1'): boolean =>
  parseRobots(text, agent).check(path).allowed;

describe('which group counts', () => {
  const file = `User-agent: *\nDisallow: /\n\nUser-agent: EmbedKeep\nUser-agent: other\nDisallow: /a\n\nUser-agent: embedkeep\nDisallow: /b\nAllow: /`;
  it.each([
    ['/', true],
    ['/a', false],
    ['/b/c', false],
    ['/c', true],
  ])('our own groups together, not the one for all: %s is %s', (path, expected) => {
    expect(allowed(file, path)).toBe(expected);
  });

  it.each([
    ['User-agent: embedkeepbot\nDisallow: /', true, 'a longer name is another robot'],
    ['User-agent: embed\nDisallow: /', true, 'a shorter name is another robot'],
    ['User-agent: embedkeep/9.9\nDisallow: /', false, 'a version does not matter'],
    ['User-agent: *\nDisallow: /', false, 'the star is for all'],
    ['Disallow: /', true, 'rules without a group bind nobody'],
    [
      'User-agent: embedkeep\nSitemap: x\nUser-agent: b\nDisallow: /',
      false,
      'other lines do not end a run of agents',
    ],
    ['User-agent: embedkeep\nCrawl-delay: 1\nUser-agent: b\nDisallow: /', true, 'a delay does'],
    ['\uFEFFUser-agent: *\r\nDisallow: /\r\n', false, 'BOM and CRLF'],
    ['user-AGENT : * # all\rdisallow : / # no', false, 'case, spaces, comments, CR'],
    ['User-agent: *\nDisallow:', true, 'an empty Disallow forbids nothing'],
    ['', true, 'an empty file'],
    ['<html>404 not found</html>', true, 'no robots.txt at all'],
  ])('%j → %s (%s)', (...row) => {
    expect(allowed(row[0], '/page')).toBe(row[1]);
  });
});

describe('which rule decides', () => {
  it.each([
    ['Allow: /p\nDisallow: /', '/page', true],
    ['Disallow: /\nAllow: /p', '/page', true],
    ['Allow: /folder\nDisallow: /folder', '/folder/page', true],
    ['Allow: /page\nDisallow: /*.htm', '/page.htm', false],
    ['Allow: /$\nDisallow: /', '/', true],
    ['Allow: /$\nDisallow: /', '/page.htm', false],
    ['Disallow: /*.gif$', '/a.gif', false],
    ['Disallow: /*.gif$', '/a.gif?x', true],
    ['Disallow: /fish*', '/fish.html', false],
    ['Disallow: /fish', '/Fish.asp', true],
    ['Disallow: /fish/', '/fish', true],
    ['Disallow: /*?', '/a?b=1', false],
    ['Disallow: /a%3cd.html', '/a%3Cd.html', false],
    ['Disallow: /%7Ejoe/', '/~joe/index.html', false],
    ['Disallow: /~joe/', '/%7ejoe/index.html', false],
    ['Disallow: /a%2fb.html', '/a/b.html', true],
    ['Disallow: /ツ', '/%E3%83%84', false],
    ['Disallow: /%e3%83%84', '/%E3%83%84', false],
    ['Disallow: /', '/robots.txt', true],
    ['Disallow: /a*b*c', '/axxbxxc', false],
    ['Disallow: /a*b*c$', '/abcab', true],
    ['Disallow: /a**b', '/ab', false],
  ])('%j and %s: %s', (rules, path, expected) => {
    expect(allowed(`User-agent: *\n${rules}`, path)).toBe(expected);
  });

  it('names the rule', () => {
    const robots = parseRobots('User-agent: *\nDisallow: /\nAllow: /news/', 'x');
    expect(robots.check('/news/a')).toEqual({ allowed: true, rule: 'Allow: /news/' });
    expect(robots.check('/else')).toEqual({ allowed: false, rule: 'Disallow: /' });
    expect(parseRobots('', 'x').check('/')).toEqual({ allowed: true, rule: 'no rule applies' });
  });

  it('takes a pattern of a thousand stars in its stride', () => {
    const pattern = `Disallow: /${'*a'.repeat(1000)}$`;
    expect(allowed(`User-agent: *\n${pattern}`, `/${'a'.repeat(999)}b`)).toBe(true);
  });
});

it.each([
  ['Crawl-delay: 2.5', 2500],
  ['Crawl-delay: 0', 0],
  ['Crawl-delay: soon', null],
  ['Crawl-delay: -1', null],
  ['Crawl-delay:', null],
  ['Crawl-delay: 999999999', 3_600_000],
])('%s is %s ms', (line, ms) => {
  expect(parseRobots(`User-agent: *\n${line}`, 'x').crawlDelayMs).toBe(ms);
});
