import { describe, expect, it } from 'vitest';
import { hostIsAllowed, isCrossSite } from '../../src/api/request-origin.ts';

const rule = { host: '0.0.0.0', allowed: ['keep.example', 'Archive.Example:8080', '2001:db8::5'] };

describe('the Host allow-list', () => {
  it.each([
    ['localhost'],
    ['localhost:8080'],
    ['LOCALHOST'],
    ['127.0.0.1:8080'],
    ['127.8.9.1'],
    ['[::1]:8080'],
    ['keep.example'],
    ['keep.example:443'],
    ['KEEP.example.'],
    ['archive.example'],
    ['[2001:db8::5]:8080'],
    ['10.1.2.3:8080'],
  ])('serves %s', (header) => {
    expect(hostIsAllowed(header, '::ffff:10.1.2.3', rule)).toBe(true);
  });

  it.each([
    [undefined],
    [''],
    ['evil.example'],
    ['keep.example.evil.example'],
    ['evil-keep.example'],
    ['localhost.evil.example'],
    ['127.0.0.1.evil.example'],
    ['10.1.2.4'],
    ['keep.example@evil.example'],
    ['keep.example/evil'],
    ['keep.example, evil.example'],
    ['keep.example:99999999'],
    ['keep.example:x'],
    ['[::2]'],
    ['[::1'],
    [' '],
    ['*'],
    ['%6beep.example'],
  ])('refuses %s', (header) => {
    expect(hostIsAllowed(header, '::ffff:10.1.2.3', rule)).toBe(false);
  });

  it('reads a number the way a browser would: 2130706433 is 127.0.0.1', () => {
    expect(hostIsAllowed('2130706433', undefined, rule)).toBe(true);
    expect(hostIsAllowed('167772161', undefined, rule)).toBe(false);
  });
});

describe('a cross-site write', () => {
  const host = 'keep.example:8080';

  it.each([
    ['a program that sends neither header', {}],
    ['our own page', { origin: 'http://keep.example:8080', 'sec-fetch-site': 'same-origin' }],
    ['our own page behind a proxy with TLS', { origin: 'https://keep.example:8080' }],
    ['an address typed by hand', { 'sec-fetch-site': 'none' }],
  ])('is not %s', (_, headers) => {
    expect(isCrossSite({ host, ...headers })).toBe(false);
  });

  it('is not our own page where the proxy spells out the default port', () => {
    expect(isCrossSite({ host: 'keep.example:443', origin: 'https://keep.example' })).toBe(false);
  });

  it.each([
    ['another site', { origin: 'https://evil.example' }],
    ['another site by Sec-Fetch-Site alone', { 'sec-fetch-site': 'cross-site' }],
    ['a sibling domain', { 'sec-fetch-site': 'same-site' }],
    ['a lie of Origin', { origin: 'http://keep.example:8080', 'sec-fetch-site': 'cross-site' }],
    ['another port', { origin: 'http://keep.example:9090' }],
    ['a sandboxed frame', { origin: 'null' }],
    ['an empty Origin', { origin: '' }],
    ['a file', { origin: 'file://' }],
    ['an extension', { origin: 'chrome-extension://keep.example:8080' }],
    ['a longer name', { origin: 'http://keep.example:8080.evil.example' }],
    ['Sec-Fetch-Site twice', { 'sec-fetch-site': ['same-origin', 'cross-site'] }],
  ])('is %s', (_, headers) => {
    expect(isCrossSite({ host, ...headers })).toBe(true);
  });
});
