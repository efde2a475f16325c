/** The archive's pages in a real browser: nothing of an article ever runs, and everything can be read. */
import { afterAll, beforeAll, describe, expect, test, vi } from 'vitest';
import type { Embed } from '../../src/embed.ts';
import { toFailure } from '../../src/errors.ts';
import { describeOnPGlite, orderAndClaim, tweet } from '../store/stores.ts';
import { describeWith } from '../support/services.ts';
import { type Browser, openBrowser } from './browser.ts';
import { type Kept, keep, startApi, type World } from './world.ts';

// Chromium shares the machine with the other suites.
vi.setConfig({ testTimeout: 120_000, hookTimeout: 120_000 });

/** Each would call `__xss` or alert if it came into a page as markup. */
const PAYLOADS = [
  '<script>__xss(1)</script>',
  '<img src=x onerror=__xss(2)>',
  '"><svg onload=__xss(3)>',
  "'-alert(4)-'",
  '</title><script>__xss(5)</script>',
  '</textarea></style><img src=x onerror="__xss(6)">',
  'javascript:__xss(7)',
  '<a href="javascript:__xss(8)">x</a>',
  '<math><mtext><table><mglyph><style><!--</style><img title="--&gt;&lt;img src=1 onerror=__xss(9)&gt;">',
  '<form><math><mtext></form><form><mglyph><style></math><img src onerror=__xss(10)>',
  '<iframe srcdoc="<script>parent.__xss(11)</script>"></iframe>',
  '<noscript><p title="</noscript><img src=x onerror=__xss(12)>">',
  '+ADw-script+AD4-__xss(13)+ADw-/script+AD4-',
  '" autofocus onfocus=__xss(14) x="',
  '&lt;script&gt;__xss(15)&lt;/script&gt;',
  '{{__xss(16)}}',
  '<style>@import "//evil.example/"</style><link rel=stylesheet href=//evil.example/>',
  '<meta http-equiv=refresh content="0;url=//evil.example/">',
  '<base href="//evil.example/">',
];

const QUOTE = '<blockquote>The harbour is open again</blockquote>';

const hostile = (payload: string, at: number): Embed => {
  const embed = tweet({ id: `15000000000000${String(at).padStart(5, '0')}` });
  return {
    ...embed,
    url: payload,
    author: { name: payload, handle: payload },
    text: `${payload} ${at}`,
    lang: payload,
    form: payload,
    media: [
      { display: payload, url: payload },
      { display: payload, url: 'javascript:__xss(17)' },
      { display: 'data', url: 'data:text/html,<script>__xss(18)</script>' },
    ],
    postedAt: {
      ...embed.postedAt,
      text: payload,
      date: null,
      readings: [payload],
      conflict: { reason: payload },
    },
    sources: { [payload]: { rule: payload, start: 1, end: 2, reason: payload } },
    evidence: { start: 0, end: 400, wrappers: [payload] },
  };
};

describeWith(['chromium'], 'the archive in a browser', () => {
  let browser: Browser;
  beforeAll(async () => {
    browser = await openBrowser();
  });
  afterAll(() => browser.close());

  describeOnPGlite('pages', (current) => {
    let world: World;
    let kept: Kept;
    beforeAll(async () => {
      world = await startApi(current());
      kept = await keep(current(), world, {
        url: 'https://news.example/hostile?a=<script>__xss(0)</script>',
        title: PAYLOADS.join(' '),
        page: PAYLOADS.join('\n'),
        embeds: PAYLOADS.map(hostile),
      });
      const { claim } = await orderAndClaim(current(), 'https://news.example/failed');
      const failure = { ...toFailure(null), message: PAYLOADS.join(' ') };
      await current().store.ledger.fail(claim, failure);
    });
    afterAll(() => world.close());

    const clean = { status: 200, elsewhere: [], complaints: [], scriptsRun: [] };
    const show = async (path: string, options = {}) => {
      const { page, ...visit } = await browser.visit(`${world.origin}${path}`, options);
      return { page, visit };
    };

    describe('hostile text', () => {
      test.each(['/', '/articles', `/?q=${encodeURIComponent('<script>__xss(20)</script>')}`])(
        'runs nothing on %s',
        async (path) => {
          const { page, visit } = await show(path);
          await page.waitForTimeout(100);
          expect(visit).toEqual(clean);
          await page.context().close();
        },
      );

      test('runs nothing on the page of any post, and stands there as text', async () => {
        const page = await (await browser.visit(`${world.origin}/`)).page.context().newPage();
        const scripts: string[] = [];
        page.on('dialog', (dialog) => {
          scripts.push(dialog.message());
          void dialog.dismiss();
        });
        await page.exposeFunction('__xss', (what: string) => void scripts.push(what));
        const evil: string[] = [];
        page.on('request', (request) => {
          if (!request.url().startsWith(world.origin)) evil.push(request.url());
        });
        for (const [at, payload] of PAYLOADS.entries()) {
          await page.goto(`${world.origin}/posts/x/15000000000000${String(at).padStart(5, '0')}`);
          for (const details of await page.locator('details').all()) await details.click();
          expect(await page.locator('.big .text').textContent()).toBe(`${payload} ${at}`);
          expect(await page.locator('.big .name').textContent()).toBe(payload);
          const links = await page
            .locator('a')
            .evaluateAll((all) => all.map((a) => a.getAttribute('href')));
          expect(links.filter((href) => !/^(\/|#main$|https?:\/\/)/.test(href ?? ''))).toEqual([]);
        }
        expect([scripts, evil]).toEqual([[], []]);
        await page.context().close();
      });

      test('runs nothing on the pages of the articles', async () => {
        const { json } = await world.call('/v1/articles?state=failed');
        for (const id of [kept.articleId, json.items[0].id]) {
          const { page, visit } = await show(`/articles/${id}`);
          await page.waitForTimeout(100);
          expect(visit).toEqual(clean);
          await page.context().close();
        }
      });

      test('links go out without a referrer and are not followed', async () => {
        const { page } = await show(`/articles/${kept.articleId}`);
        const rels = await page
          .locator('a[href^="http"]')
          .evaluateAll((all) => all.map((a) => a.getAttribute('rel')));
        expect(new Set(rels)).toEqual(new Set(['nofollow noreferrer']));
        await page.context().close();
      });
    });

    describe('what an archivist sees', () => {
      beforeAll(async () => {
        const page = `<p>Before</p>${QUOTE}<p>After</p>`;
        const start = page.indexOf(QUOTE);
        await keep(current(), world, {
          url: 'https://harbour.example/story',
          title: 'The harbour',
          page,
          embeds: [
            {
              ...tweet({
                id: '1431406170731446272',
                name: 'Anderson Cooper 360°',
                handle: 'AC360',
              }),
              evidence: { start, end: start + QUOTE.length, wrappers: [] },
            },
            tweet({
              id: '1600000000000000001',
              name: 'أحمد علي',
              text: 'نص عربي مع https://example.org ونهاية',
            }),
            tweet({
              id: '1600000000000000002',
              text: 'W'.repeat(65_536),
              name: 'M'.repeat(2000),
              handle: 'h'.repeat(2000),
            }),
            tweet({ id: '1600000000000000003', text: null, name: null, handle: null, date: null }),
          ],
        });
      });

      test('finds a post by its words without JavaScript, and goes on to its page and article', async () => {
        const { page } = await show('/', { javaScript: false });
        await page.getByRole('searchbox', { name: 'Search text and author' }).fill('Cooper');
        await page.getByLabel('Network').selectOption('x');
        await page.getByRole('button', { name: 'Search' }).click();
        await page.waitForURL(/q=Cooper/);
        expect(await page.locator('.card').count()).toBe(1);
        await page.getByRole('link', { name: '5 March 2022' }).click();
        await page.waitForURL(/\/posts\/x\/1431406170731446272/);
        expect(await page.locator('.name').textContent()).toBe('Anderson Cooper 360°');
        await page.locator('summary').first().click();
        expect(await page.locator('pre').textContent()).toBe(QUOTE);
        await page.getByRole('link', { name: 'The harbour' }).click();
        expect(await page.locator('h1').textContent()).toBe('The harbour');
        await page.context().close();
      });

      test('reads every page on a phone without scrolling sideways', async () => {
        const { json } = await world.call('/v1/articles?host=harbour.example');
        const paths = ['/', '/articles', `/articles/${json.items[0].id}`];
        const posts = ['1431406170731446272', '1600000000000000001', '1600000000000000002'];
        for (const path of [...paths, ...posts.map((id) => `/posts/x/${id}`)]) {
          const { page } = await show(path, { width: 360 });
          const width = await page.evaluate('document.documentElement.scrollWidth');
          expect([path, width]).toEqual([path, 360]);
          await page.context().close();
        }
      });

      test('walks to older posts and back to the newest', async () => {
        const { page } = await show('/');
        await keepMany(current, world);
        await page.goto(`${world.origin}/`);
        const pages = [await page.locator('.card').count()];
        while (await page.getByRole('link', { name: 'Older posts' }).isVisible()) {
          await page.getByRole('link', { name: 'Older posts' }).click();
          await page.waitForURL(/cursor=/);
          pages.push(await page.locator('.card').count());
        }
        const total = pages.reduce((sum, count) => sum + count, 0);
        expect(total).toBe((await world.call('/v1/posts?limit=1000')).json.items.length);
        expect(pages.length).toBeGreaterThan(1);
        await page.getByRole('link', { name: 'Newest' }).click();
        expect(new URL(page.url()).search).toBe('');
        await page.context().close();
      });

      test('puts a failed article back by its button', async () => {
        const { claim } = await orderAndClaim(current(), 'https://harbour.example/broken');
        await current().store.ledger.fail(claim, toFailure(new Error('odd')));
        const { page } = await show(`/articles/${claim.run.articleId}`);
        await page.getByRole('button', { name: 'Try again' }).click();
        await page.getByText('is in the queue').waitFor();
        expect(page.url()).toBe(`${world.origin}/articles/${claim.run.articleId}`);
        await page.context().close();
      });

      test('is told in words what went wrong', async () => {
        const { page, visit } = await show('/posts/x/404404');
        expect(visit.status).toBe(404);
        expect(await page.locator('main').textContent()).toContain(
          'No post is kept under this id.',
        );
        await page.goto(`${world.origin}/?cursor=nonsense`);
        expect(await page.locator('main').textContent()).toContain('400 PAYLOAD_INVALID');
        await page.context().close();
      });
    });

    test('every page can be used by keyboard and read aloud', async () => {
      for (const path of [
        '/',
        '/articles',
        `/articles/${kept.articleId}`,
        '/posts/x/1431406170731446272',
      ]) {
        const { page } = await show(path);
        expect(await page.evaluate(ACCESSIBILITY)).toEqual([]);
        await page.keyboard.press('Tab');
        expect(await page.evaluate('document.activeElement.className')).toBe('skip');
        await page.context().close();
      }
    });

    test('the page of the API asks nobody else', async () => {
      const { page, visit } = await show('/docs', { waitFor: '.opblock' });
      expect(visit.elsewhere).toEqual([]);
      expect(visit.complaints.filter((text) => !text.includes("style-src 'self'"))).toEqual([]);
      await page.context().close();
    });
  });
});

async function keepMany(
  current: Parameters<Parameters<typeof describeOnPGlite>[1]>[0],
  world: World,
) {
  const embeds = Array.from({ length: 30 }, (_, i) => tweet({ id: `17000000000000000${10 + i}` }));
  await keep(current(), world, { url: 'https://many.example/', embeds });
}

/** The checks of axe-core that fit on a page without scripts: language, title, one h1, landmarks, labels, names, order, ids. */
const ACCESSIBILITY = `(() => {
  const wrong = [];
  const all = (selector) => [...document.querySelectorAll(selector)];
  const named = (element) => (element.textContent || element.getAttribute('aria-label') || '').trim() !== '';
  if (!document.documentElement.lang) wrong.push('no language');
  if (!document.title.trim()) wrong.push('no title');
  if (all('h1').length !== 1) wrong.push('not one h1');
  if (all('main').length !== 1) wrong.push('not one main');
  if (all('nav:not([aria-label])').length) wrong.push('a nav without name');
  for (const field of all('input, select')) if (!field.labels.length) wrong.push('no label: ' + field.name);
  for (const link of all('a, button')) if (!named(link)) wrong.push('no name: ' + link.outerHTML.slice(0, 80));
  let level = 0;
  for (const heading of all('h1, h2, h3, h4')) {
    const next = Number(heading.tagName[1]);
    if (next > level + 1) wrong.push('skips a level: ' + heading.textContent);
    level = next;
  }
  const ids = all('[id]').map((element) => element.id);
  if (new Set(ids).size !== ids.length) wrong.push('an id twice');
  for (const cell of all('th')) if (!cell.scope) wrong.push('th without scope');
  return wrong;
})()`;
