import { describe, expect, it } from 'vitest';
import { offeredToken, tokenChecker } from '../../src/api/tokens.ts';

const basic = (pair: string): string => `Basic ${Buffer.from(pair).toString('base64')}`;

describe('an Authorization header', () => {
  it.each([
    ['Bearer s3cret', 's3cret'],
    ['bearer   s3cret ', 's3cret'],
    [basic('anyone:s3cret'), 's3cret'],
    [basic(':s3cret'), 's3cret'],
    [basic('anyone:with:colons'), 'with:colons'],
    [basic('anyone:über'), 'über'],
    [basic('anyone:'), ''],
    [basic('no colon'), null],
    ['Bearer', null],
    ['Bearer ', null],
    ['Bearer two words', null],
    ['Digest s3cret', null],
    ['s3cret', null],
    ['', null],
    [undefined, null],
  ])('%j offers %j', (header, token) => {
    expect(offeredToken(header)).toBe(token);
  });
});

describe('a token check', () => {
  const nameOf = tokenChecker(['first-token', 'newsroom:second-token']);

  it.each([
    ['first-token', 'token-1'],
    ['second-token', 'newsroom'],
  ])('knows %s as %s', (token, name) => {
    expect(nameOf(token)).toBe(name);
  });

  it.each([
    null,
    '',
    'first-toke',
    'first-token ',
    'FIRST-TOKEN',
    'third',
    'first-token,second-token',
    'newsroom:second-token',
    'newsroom',
  ])('refuses %j', (token) => {
    expect(nameOf(token)).toBeNull();
  });

  it('refuses everything where there is no token to know', () => {
    expect(tokenChecker([])('')).toBeNull();
    expect(tokenChecker([])(null)).toBeNull();
  });
});
