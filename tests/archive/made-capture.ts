/** Captures made up for the archive's tests: no network, all bytes known. */
import { gzipSync } from 'node:zlib';
import type { Capture, Exchange, HeaderLines } from '../../src/capture.ts';

export function madeExchange(over: Partial<Exchange> = {}): Exchange {
  return {
    method: 'GET',
    url: 'https://news.example/a?x=1',
    requestHeaders: [
      ['host', 'news.example'],
      ['connection', 'keep-alive'],
      ['User-Agent', 'test/1'],
    ],
    status: 200,
    statusText: 'OK',
    responseHeaders: [
      ['Content-Type', 'text/html; charset=utf-8'],
      ['Set-Cookie', 'a=1'],
      ['X-Name', 'J\u00f6rg'],
      ['set-cookie', 'b=2'],
    ],
    rawBody: Buffer.from('<p>made up</p>'),
    remoteAddress: '192.0.2.7',
    tls: 'TLSv1.3',
    startedAt: '2026-01-02T03:04:05.678Z',
    timings: { connected: 1.5, headers: 20.25, done: 30 },
    ...over,
  };
}

export function madeCapture(text: string, over: Partial<Capture> = {}): Capture {
  const body = Buffer.from(text);
  return {
    url: 'https://news.example/a?x=1',
    finalUrl: 'https://news.example/a?x=1',
    fetchedAt: '2026-01-02T03:04:05.698Z',
    reason: 'first',
    hops: [madeExchange({ rawBody: body })],
    body,
    contentType: 'text/html',
    charset: 'utf-8',
    truncated: null,
    robotsRule: 'Allow: /',
    revisitOf: null,
    ...over,
  };
}

export function gzipped(text: string, level = 6): Capture {
  const rawBody = gzipSync(text, { level });
  const responseHeaders: HeaderLines = [
    ['Content-Type', 'text/html'],
    ['Content-Encoding', 'gzip'],
    ['Content-Length', String(rawBody.length)],
  ];
  return madeCapture(text, { hops: [madeExchange({ rawBody, responseHeaders })] });
}
