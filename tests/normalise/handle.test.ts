import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { foldHandle, readHandle } from '../../src/normalise/handle.ts';

describe('a handle', () => {
  it.each([
    ['x', '@AC360', 'AC360'],
    ['x', 'AC360', 'AC360'],
    ['x', '(@AC360)', 'AC360'],
    ['x', '@ AC360', 'AC360'],
    ['x', '＠ＡＣ３６０', 'AC360'],
    ['x', '（＠example_user）', 'example_user'],
    ['x', '\u200f@example_user\u200e', 'example_user'],
    ['x', '@example_user:', 'example_user'],
    ['x', '@example_user.', 'example_user'],
    ['x', '@example_user,', 'example_user'],
    ['x', '“@example_user”', 'example_user'],
    ['x', '@_orabora', '_orabora'],
    ['x', '@x', 'x'],
    ['instagram', '@example.name', 'example.name'],
    ['instagram', '_example_', '_example_'],
    ['threads', '@popular.example', 'popular.example'],
    ['tiktok', '@example.user', 'example.user'],
    ['bluesky', '@example.bsky.social', 'example.bsky.social'],
    ['bluesky', '@Example.COM', 'Example.COM'],
    ['bluesky', 'xn--nxasmq6b.example', 'xn--nxasmq6b.example'],
    ['bluesky', 'did:plc:abcdefghijklmnopqrstuvwx', 'did:plc:abcdefghijklmnopqrstuvwx'],
    ['bluesky', 'did:web:example.com', 'did:web:example.com'],
    ['mastodon', '@user@social.example', 'user@social.example'],
    ['mastodon', 'user.name@sub.social.example', 'user.name@sub.social.example'],
    ['truthsocial', '@example', 'example'],
    ['telegram', '@example_channel', 'example_channel'],
    ['reddit', 'u/example_user', 'example_user'],
    ['reddit', '/u/example-user', 'example-user'],
    ['linkedin', 'ünal-örnek', 'ünal-örnek'],
    ['facebook', 'example.page', 'example.page'],
    ['youtube', '@例え', '例え'],
    ['some-new-network', '@anybody', 'anybody'],
  ])('of %s written %s is %s', (...[platform, raw, expected]) => {
    expect(readHandle(platform, raw)).toBe(expected);
  });

  it.each([
    ['x', '@sixteen_letters_', 'more than 15'],
    ['x', '@with space', 'a space inside'],
    ['x', '@bindestrich-name', 'a hyphen'],
    ['x', '@ünal', 'a letter with an accent'],
    ['x', 'twitter.com/AC360', 'an address'],
    ['x', '@', 'nothing'],
    ['x', '', 'nothing'],
    ['x', '@@', 'nothing'],
    ['instagram', 'two..dots', 'two dots'],
    ['instagram', 'x'.repeat(31), 'more than 30'],
    ['bluesky', 'nodomain', 'no domain'],
    ['bluesky', '-bad.example', 'a label that begins with a hyphen'],
    ['bluesky', 'did:plc:short', 'a shortened DID'],
    ['mastodon', '@user', 'the host is missing'],
    ['mastodon', '@user@nodomain', 'no domain'],
    ['telegram', '@abc', 'fewer than 4'],
    ['some-new-network', 'two words', 'a space'],
    ['x', 'x'.repeat(10_000), 'a text'],
  ])('of %s is not %j: %s', (...[platform, raw]) => {
    expect(readHandle(platform, raw)).toBeNull();
  });

  it('is absent where nothing was given', () => {
    expect(readHandle('x', null)).toBeNull();
    expect(readHandle('x', undefined)).toBeNull();
  });

  it('is shown in its case and looked up without it', () => {
    expect(readHandle('x', '@NetflixTurkiye')).toBe('NetflixTurkiye');
    expect(foldHandle('x', '@NetflixTurkiye')).toBe('netflixturkiye');
    expect(foldHandle('x', 'I')).toBe('i');
    expect(foldHandle('mastodon', '@User@Social.Example')).toBe('user@social.example');
    expect(foldHandle('bluesky', 'Example.COM')).toBe('example.com');
  });

  it('of Bluesky that is a DID keeps its case', () => {
    expect(foldHandle('bluesky', 'did:web:Example.com')).toBe('did:web:Example.com');
  });

  it('of X is always of X’s alphabet, whatever stands on the page', () => {
    const raw = fc.oneof(
      fc.string({ unit: 'binary', maxLength: 40 }),
      fc.stringMatching(/^[@＠(\s]*[\w.-]{1,20}[)\s]*$/),
    );
    fc.assert(
      fc.property(raw, (text) => {
        const handle = readHandle('x', text);
        if (handle !== null) expect(handle).toMatch(/^[A-Za-z0-9_]{1,15}$/);
      }),
      { numRuns: 3000 },
    );
  });
});
