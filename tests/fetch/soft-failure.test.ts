/** Pages that are not the article, and articles that only look like such pages. All content is made up. */
import { describe, expect, it } from 'vitest';
import type { Capture, HeaderLines } from '../../src/capture.ts';
import { softFailure } from '../../src/fetch/soft-failure.ts';

interface Shown {
  readonly html: string;
  readonly status?: number;
  readonly headers?: HeaderLines;
  readonly finalUrl?: string;
}

function judge({ html, status = 200, headers = [], finalUrl }: Shown): string | null {
  const url = 'https://news.example/2026/a-story';
  const hop = { url, status } as Capture['hops'][number];
  const capture = {
    url,
    finalUrl: finalUrl ?? url,
    hops: finalUrl ? [hop, hop] : [hop],
    body: Buffer.from(html),
  } as unknown as Capture;
  return softFailure(capture, { status, headers })?.code ?? null;
}

const text = 'Words of a story that goes on for a while. '.repeat(60);
const article = `<!doctype html><title>Storm floods the harbour</title><meta property="og:type" content="article"><article><h1>Storm</h1><p>${text}</p></article><script src="a.js"></script>`;

describe('walls are named', () => {
  const walls: [name: string, shown: Shown, code: string][] = [
    [
      'a challenge with its title and script',
      {
        html: '<title>Just a moment...</title><script src="/cdn-cgi/challenge-platform/h/b/orchestrate/jsch/v1"></script><noscript>Enable JavaScript and cookies to continue</noscript>',
        status: 403,
      },
      'BOT_CHALLENGE',
    ],
    [
      'a challenge told by a header',
      { html: '<title>Please wait</title>', status: 403, headers: [['cf-mitigated', 'challenge']] },
      'BOT_CHALLENGE',
    ],
    [
      'a captcha page with status 200',
      {
        html: '<html><head><title>news.example</title></head><body><script>var dd={}</script><script src="https://geo.captcha-delivery.com/captcha/"></script></body></html>',
      },
      'BOT_CHALLENGE',
    ],
    [
      'a block page',
      {
        html: '<title>Access to this page has been denied</title><div id="px-captcha"></div><p>Press and hold</p>',
        status: 403,
      },
      'BOT_CHALLENGE',
    ],
    [
      'a redirect to a login form',
      {
        html: '<title>Welcome back</title><form><input type="email"><input type="password"></form>',
        finalUrl: 'https://account.news.example/login?next=/2026/a-story',
      },
      'LOGIN_WALL',
    ],
    [
      'a login form in place',
      {
        html: '<title>Log in – News</title><form><input name=p type=password><button>Go</button></form>',
      },
      'LOGIN_WALL',
    ],
    [
      'a German login form in place',
      { html: '<title>Anmelden</title><form><input type="password"></form>' },
      'LOGIN_WALL',
    ],
    [
      'a redirect to a consent page',
      {
        html: '<title>Your privacy choices</title><form action="/agree"><button>Accept all</button></form>',
        finalUrl: 'https://consent.news.example/collect?sessionId=1',
      },
      'CONSENT_WALL',
    ],
    [
      'a consent page in place',
      { html: '<title>Cookies zustimmen und weiterlesen - Datenschutz</title><button>Ja</button>' },
      'CONSENT_WALL',
    ],
    [
      'a 404 with status 200',
      { html: `<title>Page not found | News</title><p>${text}</p>` },
      'SOFT_404',
    ],
    ['404 in the title', { html: '<title>404</title><h1>Oops</h1>' }, 'SOFT_404'],
    ['a German 404', { html: '<title>Seite nicht gefunden – Zeitung</title>' }, 'SOFT_404'],
    ['a Japanese 404', { html: '<title>ページが見つかりません | 新聞</title>' }, 'SOFT_404'],
    [
      '404 in the headline only',
      { html: '<title>News</title><h1>Sorry, this page could not be found</h1>' },
      'SOFT_404',
    ],
    ['nothing', { html: '' }, 'EMPTY_SHELL'],
    [
      'a shell of scripts',
      {
        html: '<!doctype html><title>News</title><div id="root"></div><script src="/app.js"></script>',
      },
      'EMPTY_SHELL',
    ],
    [
      'a shell that asks for scripts',
      {
        html: '<title>News</title><noscript>You need to enable JavaScript to run this app.</noscript><div id=app></div><script src=a.js></script>',
      },
      'EMPTY_SHELL',
    ],
  ];
  it.each(walls)('%s', (...[, shown, code]) => {
    expect(judge(shown)).toBe(code);
  });
});

describe('articles are not', () => {
  const articles: [name: string, shown: Shown][] = [
    ['a plain one', { html: article }],
    [
      'one with a login form in its header',
      { html: `${article}<form><input type="password"></form>` },
    ],
    [
      'one with a cookie banner',
      { html: `${article}<form>We use cookies <button>Accept</button></form>` },
    ],
    [
      'one about an error 404',
      { html: article.replace('Storm floods the harbour', '404: how a number became a joke') },
    ],
    [
      'one about cookies without any declaration',
      { html: `<title>Cookies: a recipe</title><p>${text}${text}</p><form></form>` },
    ],
    [
      'one that loads a captcha script for its comments',
      {
        html: `${article}<script src="https://www.google.com/recaptcha/api.js"></script><div class="g-recaptcha"></div>`,
      },
    ],
    [
      'one behind a redirect through a login place',
      { html: article, finalUrl: 'https://news.example/auth/2026/a-story' },
    ],
    [
      'one under a path that says account',
      { html: article, finalUrl: 'https://news.example/account/of-a-storm' },
    ],
    [
      'one whose text is in its data',
      {
        html: `<title>News</title><div id="root"></div><script src="/app.js"></script><script id="__NEXT_DATA__" type="application/json">{"text":"${text}"}</script>`,
      },
    ],
    [
      'a short one that is nearly all embeds',
      {
        html: '<title>Watch</title><blockquote class="twitter-tweet"><p>hello</p></blockquote><script src="w.js"></script>',
      },
    ],
    [
      'one with an image and a caption, no script',
      { html: '<title>Picture of the day</title><img src="a.jpg"><p>Harbour at dawn.</p>' },
    ],
    [
      'one in Japanese',
      {
        html: `<title>港の嵐</title><p>${'港で大きな嵐がありました。'.repeat(30)}</p><script src=a></script>`,
      },
    ],
    ['a real 404 is left to its status', { html: '<title>Page not found</title>', status: 404 }],
  ];
  it.each(articles)('%s', (...[, shown]) => {
    expect(judge(shown)).toBeNull();
  });
});
