/** robots.txt as RFC 9309 wants it, asked of a real server through the whole of politeness; and what is said about it. */
import { once } from 'node:events';
import { createServer, type Server, type ServerResponse } from 'node:http';
import type { AddressInfo } from 'node:net';
import { afterAll, afterEach, beforeAll, describe, expect, it } from 'vitest';
import { createFetcher, type Fetcher } from '../../src/fetch/fetcher.ts';
import { inProcessPace } from '../../src/fetch/pace/in-process.ts';
import { createPoliteness, type Politeness } from '../../src/fetch/politeness.ts';

const PAGE = '<!doctype html><article><p>a story</p></article>';
let server: Server;
let origin = '';
let robots: (path: string, response: ServerResponse) => void;
const asked: string[] = [];

beforeAll(async () => {
  server = createServer((request, response) => {
    const path = request.url ?? '/';
    asked.push(path);
    if (path.startsWith('/story')) response.setHeader('content-type', 'text/html').end(PAGE);
    else robots(path, response);
  });
  server.listen(0, '127.0.0.1');
  await once(server, 'listening');
  origin = `http://127.0.0.1:${(server.address() as AddressInfo).port}`;
});
afterAll(() => {
  server.closeAllConnections();
  server.close();
});

let fetcher: Fetcher;
const fetchers: Fetcher[] = [];
afterEach(() => Promise.all(fetchers.splice(0).map((each) => each.close())));

function open(intervalMs = 0): Politeness {
  asked.length = 0;
  const allowPrivate = [new URL(origin).host];
  fetcher = createFetcher({ userAgent: 'embedkeep-test/1', allowPrivate, timeoutMs: 10_000 });
  fetchers.push(fetcher);
  const store = inProcessPace();
  return createPoliteness({
    ...{ store, fetcher, userAgent: 'embedkeep-test/1', intervalMs, concurrency: 1 },
  });
}

/** Asks for a page as the story does: `wait`, the rule that allowed it, or the error's code. */
async function ask(politeness: Politeness, path = '/story'): Promise<string> {
  const url = `${origin}${path}`;
  try {
    const turn = await politeness.ask(url);
    if (turn.kind === 'wait') return `wait: ${turn.reason}`;
    const capture = await politeness.fetch(url, { reason: 'first' });
    await turn.release({ status: 200, failure: null });
    return capture.robotsRule;
  } catch (thrown) {
    return (thrown as { code: string }).code;
  }
}

describe('robots.txt', () => {
  it('behind five redirects counts', async () => {
    robots = (path, response) => {
      const hop = Number(/hop=(\d)/.exec(path)?.[1] ?? 0);
      if (hop < 5) response.writeHead(302, { location: `/robots.txt?hop=${hop + 1}` }).end();
      else response.end('User-agent: *\nDisallow: /story/secret\nAllow: /story');
    };
    const politeness = open();
    expect(await ask(politeness)).toBe('Allow: /story');
    expect(await ask(politeness, '/story/secret')).toBe('ROBOTS_DISALLOWED');
  });

  it.each([
    ['lead in a circle', '/robots.txt', 'REDIRECT_LOOP'],
    ['never end', '', 'REDIRECT_LIMIT'],
    ['lead inside', 'http://169.254.169.254/robots.txt', 'REDIRECT_BLOCKED'],
  ])('whose redirects %s is as good as none', async (_, to, code) => {
    let n = 0;
    robots = (_path, response) => {
      response.writeHead(302, { location: to === '' ? `/r${n++}` : to }).end();
    };
    expect(await ask(open())).toBe(`no robots.txt (${code})`);
  });

  it('of more than 500 KiB counts up to there', async () => {
    const filler = `# ${'x'.repeat(1000)}\n`.repeat(600);
    robots = (_path, response) =>
      response.end(`User-agent: *\nDisallow: /story/before\n${filler}Disallow: /story/after\n`);
    const politeness = open();
    expect(await ask(politeness, '/story/before')).toBe('ROBOTS_DISALLOWED');
    expect(await ask(politeness, '/story/after')).toBe('no rule applies');
  });

  it.each([
    [404, 'no robots.txt (404)'],
    [403, 'no robots.txt (403)'],
    [500, 'ROBOTS_UNREACHABLE'],
    [503, 'ROBOTS_UNREACHABLE'],
    [429, 'ROBOTS_UNREACHABLE'],
  ])('answered with %i means %s', async (status, outcome) => {
    robots = (_path, response) => response.writeHead(status).end();
    const politeness = open();
    expect(await ask(politeness)).toBe(outcome);
    if (status >= 429) {
      // nobody asks again for a while, neither for the file nor for the page
      expect(await ask(politeness)).toMatch(/^wait: /);
      expect(asked).toEqual(['/robots.txt']);
    }
  });

  it('is asked for once in a day', async () => {
    robots = (_path, response) => response.end('User-agent: *\nAllow: /');
    const politeness = open();
    for (let i = 0; i < 3; i += 1) await ask(politeness, `/story/${i}`);
    expect(asked).toEqual(['/robots.txt', '/story/0', '/story/1', '/story/2']);
  });
});

describe('what a URL waits for', () => {
  it('is told in sentences, with the time and what robots.txt says', async () => {
    robots = (_path, response) =>
      response.end('User-agent: *\nDisallow: /story/secret\nCrawl-delay: 7');
    const politeness = open(1000);
    const host = new URL(origin).host;
    expect(await politeness.explain(`${origin}/story`)).toMatchObject({
      reasons: [`${host} can be asked now`],
      waitsUntil: null,
      robots: 'not read yet',
    });
    expect(await ask(politeness)).toContain(`wait: ${host} was asked just now`);
    const told = await politeness.explain(`${origin}/story/secret`);
    expect(told).toMatchObject({
      ...{ host, crawlDelayMs: 7000, intervalMs: 7000, inFlight: 0, failuresInARow: 0 },
      reasons: [`${host} is asked at most every 7 s`],
      robots: 'forbidden (Disallow: /story/secret)',
    });
    expect(Date.parse(told.waitsUntil ?? '')).toBeGreaterThan(Date.now());
  });
});
