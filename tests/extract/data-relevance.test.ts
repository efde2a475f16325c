/** Which scripts are worth a skeleton: those whose markers may be a post's, not every one that holds a marker somewhere. */
import { expect, it } from 'vitest';
import { addressReader } from '../../src/extract/address.ts';
import { mayHoldPosts } from '../../src/extract/data-relevance.ts';
import { compileMarkers } from '../../src/extract/markers.ts';
import { Budget, type Run } from '../../src/extract/run.ts';
import { openSource } from '../../src/extract/source.ts';
import { rootView } from '../../src/extract/view.ts';
import { networks } from '../../src/networks/index.ts';

const find = compileMarkers(networks);

function isRead(text: string): boolean {
  const source = openSource(Buffer.from(text), 'utf-8');
  const run: Run = {
    ...{ source, networks, find, claimAddress: addressReader(networks, null) },
    self: { url: null, canonicalUrl: null, title: null },
    ...{ budget: new Budget(text.length), claims: [], suspected: [], components: [] },
  };
  const view = rootView(source);
  return mayHoldPosts(run, view, find(view.text, view.bytes));
}

/** Its base64 has a slash behind which four letters no longer give three bytes of it. */
const MARKUP = '<p>I?é</p><blockquote class="twitter-tweet"><p>The ferry</p></blockquote>';
const base64 = Buffer.from(MARKUP).toString('base64');
const between = (characters: number): string => `"note":"${'.'.repeat(characters)}",`;

it.each([
  ['an address', '{"a":"https://x.com/maraquill/status/1431562348571244101"}'],
  ['markup', '{"a":"<a href=\\"https://x.com/maraquill\\">Mara</a>"}'],
  ['an id behind its name', '{"tweetId":"1431562348571244101"}'],
  ['a type and an id', '{"type":"tweet","id":"1431562348571244101"}'],
  ['a key of objects near a marker', `{"full_text":"The ferry",${between(20_000)}"a":"twitter"}`],
  ['markup in base64', `{"html":"${base64}"}`],
  ['markup in base64, slashes escaped', `{"html":"${base64.replaceAll('/', '\\/')}"}`],
  [
    'the same in a string of a string',
    `{"a":"{\\"h\\":\\"${base64.replaceAll('/', '\\\\\\/')}\\"}"}`,
  ],
  ['quotes as escapes', `{"a":"{\\u0022h\\u0022:\\u0022${base64}\\u0022}"}`],
  ['quotes as short escapes', `{a:'{\\x22h\\x22:\\x22${base64}\\x22}'}`],
  ['behind the escape of a line', `{a:'\\n${base64}'}`],
  ['percent-encoded quotes', `{a:'%22${base64}%22'}`],
])('%s is read', (_, text) => {
  expect(isRead(text)).toBe(true);
});

it.each([
  ['a share button', '{"share":"https://twitter.com/intent/tweet?url="}'],
  ['an account', '{"twitter":"https://twitter.com/maraquill"}'],
  [
    'a key of objects far from every marker',
    `{"full_text":"The ferry",${between(40_000)}"a":"twitter"}`,
  ],
  [
    'an address in base64',
    `{"image":"${Buffer.from('proxy:https://example.org/ferry.jpg?w=100&h=100').toString('base64')}"}`,
  ],
])('%s is not', (_, text) => {
  expect(isRead(text)).toBe(false);
});
