import { afterEach, describe, expect, test } from 'vitest';
import { createParsePool, type ParsePool } from '../src/parse-pool.ts';

const page = (html: string): Uint8Array => new TextEncoder().encode(html);
const thread = new URL('./support/misbehaving-thread.mjs', import.meta.url);

let pool: ParsePool;
afterEach(() => pool.close());

describe('the parse pool', () => {
  test('answers what the engine answers, for more pages than it has threads', async () => {
    pool = createParsePool({ timeoutMs: 20_000, threads: 2 });
    const answers = await Promise.all(
      Array.from({ length: 10 }, (_, i) =>
        pool.extract(page(`<html><title>${i}</title></html>`), { url: `https://n.example/${i}` }),
      ),
    );
    expect(answers.map((a) => a.url)).toEqual(
      Array.from({ length: 10 }, (_, i) => `https://n.example/${i}`),
    );
  });

  test('ends a page that takes too long with PARSE_TIMEOUT; the pages behind it are answered', async () => {
    pool = createParsePool({ timeoutMs: 300, threads: 1, thread });
    const slow = pool.extract(page('loop'), {});
    const next = pool.extract(page('next'), {});
    await expect(slow).rejects.toMatchObject({ code: 'PARSE_TIMEOUT', detail: { limitMs: 300 } });
    expect((await next).url).toBe('next');
  });

  test('ends a page that needs too much memory with PARSE_OOM; the pages behind it are answered', async () => {
    pool = createParsePool({ timeoutMs: 60_000, threads: 1, heapMb: 16, thread });
    const hungry = pool.extract(page('hoard'), {});
    const next = pool.extract(page('next'), {});
    await expect(hungry).rejects.toMatchObject({ code: 'PARSE_OOM' });
    expect((await next).url).toBe('next');
  });

  test('replaces a thread that ends by itself', async () => {
    pool = createParsePool({ timeoutMs: 60_000, threads: 1, thread });
    await expect(pool.extract(page('die'), {})).rejects.toMatchObject({ code: 'INTERNAL' });
    expect((await pool.extract(page('next'), {})).url).toBe('next');
  });

  test('leaves the event loop free while a page is parsed', async () => {
    pool = createParsePool({ timeoutMs: 500, threads: 1, thread });
    let ticks = 0;
    const timer = setInterval(() => {
      ticks += 1;
    }, 10);
    await pool.extract(page('loop'), {}).catch(() => {});
    clearInterval(timer);
    expect(ticks).toBeGreaterThan(5);
  });

  test('refuses after close', async () => {
    pool = createParsePool({ timeoutMs: 1000, threads: 1 });
    await pool.close();
    await expect(pool.extract(page('x'), {})).rejects.toMatchObject({ code: 'HANDED_BACK' });
  });
});
