/** Invented captures and tweets for tests of the store. Imports no test framework: processes of tests use it too. */
import type { Capture } from '../../src/capture.ts';
import type { Embed, Extraction } from '../../src/embed.ts';
import type { Kept } from '../../src/ledger.ts';

export function keptOf(url: string, fetchedAt: string, headers: [string, string][] = []): Kept {
  const body = new TextEncoder().encode(`<p>${url}</p>`);
  const capture: Capture = {
    url,
    finalUrl: url,
    fetchedAt,
    reason: 'first',
    hops: [
      {
        method: 'GET',
        url,
        requestHeaders: [],
        status: 200,
        statusText: 'OK',
        responseHeaders: headers,
        rawBody: body,
        remoteAddress: '127.0.0.1',
        tls: null,
        startedAt: fetchedAt,
        timings: { connected: 1, headers: 2, done: 3 },
      },
    ],
    body,
    contentType: 'text/html',
    charset: 'utf-8',
    truncated: null,
    robotsRule: 'no robots.txt (404)',
    revisitOf: null,
  };
  const sha256 = 'ab'.repeat(32);
  const stored = {
    location: 'a.warc.gz',
    offset: 0,
    length: 10,
    sha256,
    rawSha256: sha256,
    size: body.length,
    revisit: false,
  };
  return { capture, stored };
}

/** A comment as parsers before version 3 read it: its `postId` is the whole name. */
export function asReadBefore(embed: Embed): Embed {
  const { commentId, ...others } = embed;
  return { ...others, postId: `${embed.postId}/${commentId}` } as Embed;
}

export const extractionOf = (embeds: readonly Embed[], parser = '1'): Extraction => ({
  url: null,
  parser,
  charset: 'utf-8',
  article: {
    canonicalUrl: null,
    title: 'A title',
    siteName: null,
    publishedAt: null,
    modifiedAt: null,
    authors: [],
    lang: 'en',
  },
  embeds: [...embeds],
  suspected: [],
  truncated: null,
});

/** A tweet; `undefined` keeps the default. */
export function tweet(
  given: {
    id?: string | null;
    platform?: string;
    text?: string | null;
    name?: string | null;
    handle?: string | null;
    date?: string | null;
    media?: string[];
    role?: 'embed' | 'citation';
    form?: string;
    url?: string | null;
    commentId?: string;
  } = {},
): Embed {
  const id = given.id === undefined ? '1500000000000000000' : given.id;
  const handle = given.handle === undefined ? 'jane_roe' : given.handle;
  return {
    role: given.role ?? 'embed',
    platform: given.platform ?? 'x',
    postId: id,
    commentId: given.commentId ?? null,
    url:
      given.url === undefined && id && handle
        ? `https://x.com/${handle}/status/${id}`
        : (given.url ?? null),
    author: { name: given.name === undefined ? 'Jane Roe' : given.name, handle },
    postedAt: {
      text: null,
      date: given.date === undefined ? '2022-03-05' : given.date,
      instant: null,
      precision: 'day',
      source: 'text',
      readings: [],
      conflict: null,
    },
    lang: 'en',
    text: given.text === undefined ? 'The harbour is open again' : given.text,
    media: (given.media ?? []).map((display) => ({ display, url: null })),
    form: given.form ?? 'blockquote',
    confidence: 1,
    evidence: { start: 10, end: 90, wrappers: [] },
    sources: { text: { rule: 'p', start: 12, end: 40 } },
  };
}
