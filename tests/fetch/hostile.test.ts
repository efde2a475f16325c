/** What a hostile web can do, each case ending in its named error within three times its limit and in bounded memory. */
import { type ChildProcess, spawn } from 'node:child_process';
import { once } from 'node:events';
import { readFileSync } from 'node:fs';
import { createServer as createTlsServer, type Server } from 'node:https';
import type { AddressInfo } from 'node:net';
import { createInterface } from 'node:readline';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import type { Capture } from '../../src/capture.ts';
import { EmbedkeepError } from '../../src/errors.ts';
import type { Resolve } from '../../src/fetch/connector.ts';
import { createFetcher, type Fetcher, type FetcherOptions } from '../../src/fetch/fetcher.ts';

const LIMITS = {
  timeoutMs: 1500,
  connectTimeoutMs: 600,
  headersTimeoutMs: 700,
  idleTimeoutMs: 700,
  maxBodyBytes: 1024 * 1024,
  maxDecodedBytes: 2 * 1024 * 1024,
  maxRedirects: 5,
};
const WITHIN = 3;
const RSS_GROWTH = 100 * 1024 * 1024;

let child: ChildProcess;
let port = 0;
let deadPort = 0;
let fetcher: Fetcher;
let rssBefore = 0;

/** Names of a made-up resolver. */
const names: Record<string, readonly { address: string; family: number }[]> = {
  'site.test': [{ address: '127.0.0.1', family: 4 }],
  'inside.test': [{ address: '10.1.2.3', family: 4 }],
  'mixed.test': [
    { address: '93.184.216.34', family: 4 },
    { address: '127.0.0.1', family: 4 },
  ],
  'mapped.test': [{ address: '::ffff:127.0.0.1', family: 6 }],
  'meta.test': [{ address: '169.254.169.254', family: 4 }],
  'empty.test': [],
  'crowd.test': Array.from({ length: 10_000 }, () => ({ address: '127.0.0.1', family: 4 })),
};
const resolve: Resolve = (name, done) => {
  if (name === 'silent.test') return;
  const found = names[name];
  const missing = Object.assign(new Error(`ENOTFOUND ${name}`), { code: 'ENOTFOUND' });
  setImmediate(() => (found ? done(null, found) : done(missing, [])));
};

function open(over: Partial<FetcherOptions> = {}): Fetcher {
  return createFetcher({
    ...LIMITS,
    userAgent: 'embedkeep-test/1 (+https://example.org/contact)',
    allowPrivate: [`127.0.0.1:${port}`, `127.0.0.1:${deadPort}`],
    resolve,
    ...over,
  });
}

beforeAll(async () => {
  child = spawn(process.execPath, [new URL('hostile-server.ts', import.meta.url).pathname], {
    stdio: ['pipe', 'pipe', 'inherit'],
  });
  const [line] = await once(
    createInterface({ input: child.stdout as NodeJS.ReadableStream }),
    'line',
  );
  ({ port, deadPort } = JSON.parse(String(line)));
  fetcher = open();
  await fetcher.fetch(at('/ok'), { reason: 'first' });
  rssBefore = process.memoryUsage().rss;
});
afterAll(async () => {
  await fetcher.close();
  child.kill();
});

const at = (path: string): string => `http://127.0.0.1:${port}${path}`;

interface Ended {
  readonly code: string;
  readonly capture: Capture | null;
  readonly detail: Readonly<Record<string, unknown>>;
}

async function end(url: string, by: Fetcher = fetcher, limitMs = LIMITS.timeoutMs): Promise<Ended> {
  const started = performance.now();
  try {
    const capture = await by.fetch(url, { reason: 'first' });
    return { code: capture.failure?.code ?? 'OK', capture, detail: capture.failure?.detail ?? {} };
  } catch (thrown) {
    expect(thrown).toBeInstanceOf(EmbedkeepError);
    const { code, detail } = thrown as EmbedkeepError;
    return { code, capture: null, detail };
  } finally {
    expect(performance.now() - started).toBeLessThan(WITHIN * limitMs);
  }
}

/** Bytes are what ends a flood; a busy machine takes its time to read three megabytes of heads. */
const PATIENT_MS = 20_000;
async function endPatiently(url: string): Promise<Ended> {
  const patient = open({ timeoutMs: PATIENT_MS, headersTimeoutMs: PATIENT_MS });
  try {
    return await end(url, patient, PATIENT_MS);
  } finally {
    await patient.close();
  }
}

const to = (url: string): string => encodeURIComponent(url);

describe('a server that misbehaves', () => {
  const cases: [path: string, code: string, truncated?: string | null][] = [
    // time
    ['/never', 'TIMEOUT_HEADERS'],
    ['/slow-headers', 'HTTP_PROTOCOL'],
    ['/slow-header-lines', 'TIMEOUT_HEADERS'],
    ['/drip', 'TIMEOUT_TOTAL', 'time'],
    ['/drip-length', 'TIMEOUT_TOTAL', 'time'],
    ['/stall', 'TIMEOUT_IDLE', 'time'],
    ['/stall-chunked', 'TIMEOUT_IDLE', 'time'],
    // connections that end early
    ['/close', 'CONNECT_FAIL'],
    ['/reset-at-once', 'CONNECT_FAIL'],
    ['/truncate', 'TRUNCATED', 'disconnect'],
    ['/truncate-chunked', 'TRUNCATED', 'disconnect'],
    ['/reset', 'TRUNCATED', 'disconnect'],
    ['/reset-chunked', 'TRUNCATED', 'disconnect'],
    ['/no-length', 'OK'],
    ['/http10', 'OK'],
    // size
    ['/endless', 'BODY_TOO_LARGE', 'length'],
    ['/endless-close', 'BODY_TOO_LARGE', 'length'],
    ['/length-huge?n=9999999999', 'BODY_TOO_LARGE', 'length'],
    ['/length-huge?n=10000000000000000000000000', 'HTTP_PROTOCOL'],
    ['/length-bad?n=-5', 'HTTP_PROTOCOL'],
    ['/length-bad?n=5,5', 'HTTP_PROTOCOL'],
    ['/length-bad?n=0x5', 'HTTP_PROTOCOL'],
    ['/length-bad?n=abc', 'HTTP_PROTOCOL'],
    ['/huge-headers', 'HTTP_PROTOCOL'],
    ['/endless-header', 'HTTP_PROTOCOL'],
    ['/many-headers?n=20000', 'HTTP_PROTOCOL'],
    ['/many-headers?n=500', 'OK'],
    ['/big-headers', 'OK'],
    // floods of framing
    ['/chunk-extensions', 'BODY_TOO_LARGE', 'length'],
    ['/trailers', 'HTTP_PROTOCOL', 'disconnect'],
    ['/continue-flood', 'HTTP_PROTOCOL'],
    ['/hints-flood', 'HTTP_PROTOCOL'],
    ['/hints-then-page', 'OK'],
    ['/switch', 'HTTP_PROTOCOL'],
    // framing that lies
    ['/length-and-chunked', 'HTTP_PROTOCOL'],
    ['/two-lengths', 'HTTP_PROTOCOL'],
    ['/obs-fold', 'HTTP_PROTOCOL'],
    ['/lf-only', 'HTTP_PROTOCOL'],
    ['/http09', 'HTTP_PROTOCOL'],
    ['/bad-chunk', 'HTTP_PROTOCOL', 'disconnect'],
    ['/negative-chunk', 'HTTP_PROTOCOL', 'disconnect'],
    ['/huge-chunk', 'HTTP_PROTOCOL', 'disconnect'],
    ['/nul-in-header', 'HTTP_PROTOCOL'],
    ['/escape-in-header', 'HTTP_PROTOCOL'],
    // encodings
    ['/bomb?enc=gzip', 'DECODED_TOO_LARGE'],
    ['/bomb?enc=br', 'DECODED_TOO_LARGE'],
    ['/bomb?enc=zstd', 'DECODED_TOO_LARGE'],
    ['/bomb?enc=deflate', 'DECODED_TOO_LARGE'],
    ['/bomb?enc=raw', 'DECODED_TOO_LARGE'],
    ['/bomb-twice', 'DECODED_TOO_LARGE'],
    ['/bomb?enc=gzip&status=404 Not Found', 'GONE'],
    ['/encoded?enc=gzip', 'OK'],
    ['/encoded?enc=gzip&as=x-gzip', 'OK'],
    ['/encoded?enc=gzip&as=GZIP', 'OK'],
    ['/encoded?enc=br', 'OK'],
    ['/encoded?enc=zstd', 'OK'],
    ['/encoded?enc=deflate', 'OK'],
    ['/encoded?enc=raw&as=deflate', 'OK'],
    ['/encoded?enc=gzip&as=identity, gzip', 'OK'],
    ['/encoded?enc=gzip&as=compress', 'DECODE_FAIL'],
    ['/encoded?enc=gzip&as=br', 'DECODE_FAIL'],
    ['/encoded?enc=gzip&as=gzip,gzip,gzip,gzip,gzip,gzip', 'DECODE_FAIL'],
    ['/encoded-lie?enc=gzip', 'DECODE_FAIL'],
    ['/encoded-lie?enc=br', 'DECODE_FAIL'],
    ['/encoded-lie?enc=zstd', 'DECODE_FAIL'],
    ['/encoded-lie?enc=deflate', 'DECODE_FAIL'],
    ['/encoded-cut?enc=gzip', 'DECODE_FAIL'],
    ['/encoded-cut?enc=br', 'DECODE_FAIL'],
    ['/encoded-cut?enc=zstd', 'DECODE_FAIL'],
    ['/encoded-cut?enc=deflate', 'DECODE_FAIL'],
    // status
    ['/status?code=404', 'GONE'],
    ['/status?code=410', 'GONE'],
    ['/status?code=401', 'ACCESS_DENIED'],
    ['/status?code=403', 'ACCESS_DENIED'],
    ['/status?code=451', 'ACCESS_DENIED'],
    ['/status?code=400', 'HTTP_STATUS'],
    ['/status?code=418', 'HTTP_STATUS'],
    ['/status?code=206', 'HTTP_STATUS'],
    ['/status?code=300', 'HTTP_STATUS'],
    ['/status?code=999', 'HTTP_STATUS'],
    ['/status?code=429', 'RATE_LIMITED'],
    ['/status?code=503', 'RATE_LIMITED'],
    ['/status?code=500', 'HTTP_SERVER_ERROR'],
    ['/status?code=504', 'HTTP_SERVER_ERROR'],
    ['/status-raw?code=304', 'HTTP_STATUS'],
    ['/status-raw?code=204', 'HTTP_STATUS'],
    ['/status-raw?code=099', 'HTTP_PROTOCOL'],
    ['/status-raw?code=2000', 'HTTP_PROTOCOL'],
    ['/status-raw?code=abc', 'HTTP_PROTOCOL'],
    ['/no-reason', 'OK'],
    // redirects
    ['/redirect?status=301', 'OK'],
    ['/redirect?status=303', 'OK'],
    ['/redirect?status=308', 'OK'],
    ['/redirect-deep?n=5', 'OK'],
    ['/redirect-deep?n=6', 'REDIRECT_LIMIT'],
    ['/redirect-ever', 'REDIRECT_LIMIT'],
    ['/redirect-loop', 'REDIRECT_LOOP'],
    ['/redirect-self', 'REDIRECT_LOOP'],
    ['/redirect-endless-body', 'OK'],
    ['/redirect-dripping-body', 'OK'],
    ['/redirect-nowhere', 'HTTP_STATUS'],
    ['/redirect-two', 'OK'],
    // types
    ['/type?type=application/pdf', 'NOT_HTML'],
    ['/type?type=image/png', 'NOT_HTML'],
    ['/type?type=application/json', 'NOT_HTML'],
    ['/type-endless?type=video/mp4', 'NOT_HTML'],
    ['/type-endless?type=', 'NOT_HTML'],
    ['/type?type=', 'OK'],
    ['/type?type=text/plain', 'OK'],
    ['/type?type=application/octet-stream', 'OK'],
    ['/type?type=text/plain&body=just text', 'NOT_HTML'],
    ['/type?type=text/html; charset="no such thing"', 'OK'],
    ['/type?type=application/xhtml%2Bxml', 'OK'],
    ['/type?type=text/xml&body=<?xml version="1.0"?><rss></rss>', 'NOT_HTML'],
    ['/type?type=text/xml&body=<?xml version="1.0"?><html><article/></html>', 'OK'],
    ['/pdf-as-html', 'NOT_HTML'],
    ['/gzipped-pdf', 'NOT_HTML'],
    ['/empty', 'EMPTY_SHELL'],
  ];

  it.each(cases)('%s ends as %s', async (path, code, truncated = null) => {
    const ended = path.endsWith('-flood') ? await endPatiently(at(path)) : await end(at(path));
    expect(ended.code).toBe(code);
    if (ended.capture) {
      expect(ended.capture.truncated).toBe(truncated);
      const raw = ended.capture.hops.at(-1)?.rawBody.length ?? 0;
      expect(raw).toBeLessThanOrEqual(LIMITS.maxBodyBytes);
      expect(ended.capture.body?.length ?? 0).toBeLessThanOrEqual(4 * 1024 * 1024);
    }
  });

  it('the poison behind a too short Content-Length never reaches the next request', async () => {
    const first = await end(at('/length-short'));
    expect(Buffer.from(first.capture?.body ?? []).toString()).toBe('hello');
    const second = await end(at('/ok'));
    expect(Buffer.from(second.capture?.body ?? []).toString()).toContain('<title>fine</title>');
  });

  it('what arrived of a cut body is kept', async () => {
    const { capture } = await end(at('/truncate'));
    expect(Buffer.from(capture?.body ?? []).toString()).toBe('part');
    const bomb = await end(at('/bomb?enc=gzip'));
    expect(bomb.capture?.hops.at(-1)?.rawBody.length).toBeGreaterThan(50_000);
  });

  it('a chain of redirects that leads nowhere is told whole', async () => {
    const { detail } = await end(at('/redirect-loop'));
    expect(detail['chain']).toEqual([at('/redirect-loop'), at('/redirect-loop-back')]);
  });

  it('refuses where nobody listens, at once', async () => {
    const { code } = await end(`http://127.0.0.1:${deadPort}/`);
    expect(code).toBe('CONNECT_FAIL');
  });
});

describe('addresses that must not be asked', () => {
  const inside = [
    'http://127.0.0.1/',
    'http://localhost/',
    'http://LOCALHOST./',
    'http://sub.localhost/',
    'http://127.1/',
    'http://127.0.1/',
    'http://2130706433/',
    'http://0x7f000001/',
    'http://0x7f.0x0.0x0.0x1/',
    'http://0177.0.0.1/',
    'http://017700000001/',
    'http://127.0.0.1./',
    'http://0/',
    'http://0.0.0.0/',
    'http://[::1]/',
    'http://[::]/',
    'http://[::ffff:127.0.0.1]/',
    'http://[::ffff:7f00:1]/',
    'http://[0:0:0:0:0:ffff:127.0.0.1]/',
    'http://[::127.0.0.1]/',
    'http://①②⑦.⓪.⓪.①/',
    'http://127。0。0。1/',
    'http://１２７.0.0.1/',
    'http://loc\u00adalhost/',
    'http://%31%32%37.0.0.1/',
    'http://12\n7.0.0.1/',
    'http://127.0.0.1\t/',
    'http:/\\127.0.0.1/',
    ' \thttp://127.0.0.1/',
    'http://example.com@127.0.0.1/',
    'http://example.com:80@127.0.0.1/',
    'http://user:password@10.0.0.1/',
    'http://10.0.0.1/',
    'http://172.16.0.1/',
    'http://192.168.1.1/',
    'http://100.64.0.1/',
    'http://100.100.100.200/',
    'http://169.254.169.254/latest/meta-data/',
    'http://[fd00:ec2::254]/',
    'http://metadata.google.internal/',
    'http://168.63.129.16/',
    'http://192.0.0.192/',
    'http://192.0.2.1/',
    'http://198.18.0.1/',
    'http://224.0.0.1/',
    'http://255.255.255.255/',
    'http://240.0.0.1/',
    'http://[64:ff9b::7f00:1]/',
    'http://[64:ff9b:1::7f00:1]/',
    'http://[2002:7f00:1::]/',
    'http://[2001::7f00:1]/',
    'http://[fe80::1]/',
    'http://[fec0::1]/',
    'http://[fc00::1]/',
    'http://[ff02::1]/',
    'http://[2001:db8::1]/',
    'http://[2a00:1450::5efe:7f00:1]/',
    'http://inside.test/',
    'http://mixed.test/',
    'http://mapped.test/',
    'http://meta.test/',
    'http://printer.local/',
    'http://router.home.arpa/',
    'http://site.test:22/',
    'http://site.test:25/',
    'http://site.test:6379/',
    'http://site.test:11211/',
    'http://example.com:8080/',
    'http://127.0.0.1:0/',
  ];
  it.each(inside)('%j is blocked', async (url) => {
    expect((await end(url)).code).toBe('URL_BLOCKED');
  });

  it.each(inside)('%j is blocked behind a redirect too', async (url) => {
    // A Location is a header line: what no header can hold is left to the test above.
    const ended = await end(at(`/redirect?to=${to(new URL(url).href)}`));
    expect(ended.code).toBe('REDIRECT_BLOCKED');
  });

  it('the fifth redirect is guarded like the first', async () => {
    const ended = await end(at(`/redirect-deep?n=5&to=${to('http://169.254.169.254/')}`));
    expect(ended.code).toBe('REDIRECT_BLOCKED');
  });

  it.each([
    'file:///etc/passwd',
    'FILE:///etc/passwd',
    'gopher://127.0.0.1:6379/_INFO',
    'ftp://example.com/',
    'data:text/html,x',
    'blob:http://x/y',
    'javascript:alert(1)',
    'ws://example.com/',
    'dict://127.0.0.1:11211/',
    'unix:/var/run/docker.sock',
    'http://',
    'http://[fe80::1%25lo]/',
    'http://[::1%25lo]/',
    'http://256.0.0.1/',
    'http://1.2.3.4.5/',
    'http://4294967296/',
    'http://127.0.0.1%00.example.com/',
    'http://127.0.0.1%2f@example.com:99999/',
    'http://example.com:65536/',
    'no url',
    '',
    `http://example.com/${'a'.repeat(3000)}`,
  ])('%j is no URL to fetch', async (url) => {
    expect((await end(url)).code).toBe('URL_INVALID');
  });

  it.each([
    'file:///etc/passwd',
    'javascript:alert(1)',
    'data:text/html,x',
    'http://[',
    'ftp://x/',
  ])('a redirect to %j is not followed', async (url) => {
    expect((await end(at(`/redirect?to=${to(url)}`))).code).toBe('REDIRECT_BLOCKED');
  });

  it.each([
    ['http://silent.test/', 'TIMEOUT_CONNECT'],
    ['http://empty.test/', 'DNS_FAIL'],
    ['http://unknown.test/', 'DNS_FAIL'],
    ['http://crowd.test/', 'URL_BLOCKED'],
  ])('%s ends as %s', async (url, code) => {
    expect((await end(url)).code).toBe(code);
  });
});

describe('the allow-list', () => {
  const allowed: [entry: string, url: () => string, code: string][] = [
    ['127.0.0.1:PORT', () => at('/ok'), 'OK'],
    ['127.0.0.0/8:PORT', () => at('/ok'), 'OK'],
    ['127.0.0.0/8:*', () => at('/ok'), 'OK'],
    ['127.0.0.0/8', () => at('/ok'), 'URL_BLOCKED'],
    ['127.0.0.1', () => at('/ok'), 'URL_BLOCKED'],
    ['127.0.0.1:1', () => at('/ok'), 'URL_BLOCKED'],
    ['10.0.0.0/8:*', () => at('/ok'), 'URL_BLOCKED'],
    ['site.test:PORT', () => `http://site.test:${port}/ok`, 'OK'],
    ['SITE.test.:PORT', () => `http://site.test:${port}/ok`, 'OK'],
    ['127.0.0.1:PORT', () => `http://site.test:${port}/ok`, 'URL_BLOCKED'],
    ['site.test:PORT', () => at('/ok'), 'URL_BLOCKED'],
    ['[::1]:PORT', () => at('/ok'), 'URL_BLOCKED'],
    // A name opens the intranet, never the cloud's metadata.
    ['meta.test', () => 'http://meta.test/', 'URL_BLOCKED'],
  ];
  it.each(allowed)('%s lets it end as it must', async (entry, url, code) => {
    const own = open({ allowPrivate: [entry.replace('PORT', String(port))] });
    try {
      expect((await end(url(), own)).code).toBe(code);
    } finally {
      await own.close();
    }
  });

  it.each(['127.0.0.1:x', '10.0.0.0/33', '', 'a b:1:2', '[::1'])(
    '%j is refused as a setting',
    (entry) => {
      expect(() => open({ allowPrivate: [entry] })).toThrowError(
        expect.objectContaining({ code: 'CONFIG_INVALID' }),
      );
    },
  );

  it('a resolver that changes its mind gains nothing: its answer is used once', async () => {
    let asked = 0;
    const own = open({
      allowPrivate: [`site.test:${port}`],
      resolve: (_name, done) => {
        asked += 1;
        done(null, [{ address: '127.0.0.1', family: 4 }]);
      },
    });
    for (let i = 0; i < 3; i += 1) await end(`http://site.test:${port}/ok`, own);
    await own.close();
    expect(asked).toBe(1);
  });
});

describe('what is told to servers', () => {
  it('is what the capture says, and neither credentials nor anything of ours', async () => {
    const { capture } = await end(at('/echo').replace('http://', 'http://user:secret@'));
    const sent = Buffer.from(capture?.body ?? []).toString();
    const hop = capture?.hops[0];
    const lines = hop?.requestHeaders.map(([name, value]) => `${name}: ${value}`) ?? [];
    expect(sent).toContain(`GET /echo HTTP/1.1\r\n${lines.join('\r\n')}</pre>`);
    expect(sent).toContain('User-Agent: embedkeep-test/1 (+https://example.org/contact)');
    expect(sent).not.toMatch(/secret|authorization|cookie|referer/i);
    expect(JSON.stringify(capture)).not.toContain('secret');
  });

  it('a known version is asked for with its validators, and 304 refers to it', async () => {
    const capture = await fetcher.fetch(at('/status-raw?code=304'), {
      reason: 'recapture',
      validators: { captureId: 'c1', etag: '"v1"', lastModified: 'Sat, 03 Jan 2026 00:00:00 GMT' },
    });
    expect(capture).toMatchObject({ revisitOf: 'c1', body: null, reason: 'recapture' });
    expect(capture.failure).toBeUndefined();
    expect(capture.hops[0]?.requestHeaders).toContainEqual(['If-None-Match', '"v1"']);
  });

  it('a caller who gives up is obeyed at once, before the connection stands too', async () => {
    for (const url of [at('/never'), 'http://silent.test/']) {
      const reason = new EmbedkeepError('HANDED_BACK' as never, 'enough');
      const signal = AbortSignal.timeout(100);
      const controller = new AbortController();
      signal.addEventListener('abort', () => controller.abort(reason));
      await expect(fetcher.fetch(url, { reason: 'first', signal: controller.signal })).rejects.toBe(
        reason,
      );
    }
  });
});

describe('TLS', () => {
  const pem = (name: string) =>
    readFileSync(new URL(`fixtures/tls/${name}.pem`, import.meta.url), 'utf8');
  const servers: Server[] = [];
  async function serve(cert: string, options: object = {}): Promise<number> {
    const server = createTlsServer(
      { cert: pem(cert), key: pem('key'), ...options },
      (_q, response) => {
        response.setHeader('content-type', 'text/html');
        response.end('<article>over tls</article>');
      },
    );
    servers.push(server);
    server.listen(0, '127.0.0.1');
    await once(server, 'listening');
    return (server.address() as AddressInfo).port;
  }
  afterAll(() => {
    for (const server of servers) server.close();
  });

  it.each([
    ['good', 'good', {}, 'OK'],
    ['good', 'other-name', {}, 'TLS_FAIL'],
    ['expired', 'expired', {}, 'TLS_FAIL'],
    ['other-name', 'other-name', {}, 'TLS_FAIL'],
    [
      'good',
      'good',
      { maxVersion: 'TLSv1.1', minVersion: 'TLSv1', ciphers: 'ALL@SECLEVEL=0' },
      'TLS_FAIL',
    ],
  ])('certificate %s, trusting %s, options %j: %s', async (...row) => {
    const [cert, trusted, options, code] = row;
    const tlsPort = await serve(cert, options);
    const own = open({ allowPrivate: [`site.test:${tlsPort}`], ca: pem(trusted) });
    const ended = await end(`https://site.test:${tlsPort}/`, own);
    await own.close();
    expect(ended.code).toBe(code);
    if (code === 'OK') expect(ended.capture?.hops[0]?.tls).toBe('TLSv1.3');
  });

  it('a port that does not speak it is named', async () => {
    const ended = await end(at('/ok').replace('http:', 'https:'));
    // The server takes the hello for the beginning of a request and waits for more.
    expect(ended.code).toBe('TIMEOUT_CONNECT');
  });
});

it('memory grew by less than 100 MB over all of it', () => {
  globalThis.gc?.();
  expect(process.memoryUsage().rss - rssBefore).toBeLessThan(RSS_GROWTH);
});
