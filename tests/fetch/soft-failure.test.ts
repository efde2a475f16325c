/** Pages that are not the article, and articles that only look like such pages. All content is made up. */
import { describe, expect, it } from 'vitest';
import type { Capture, HeaderLines } from '../../src/capture.ts';
import { softFailure } from '../../src/fetch/soft-failure.ts';
import { encode } from '../extract/legacy-encoder.ts';

interface Shown {
  readonly html: string | Uint8Array;
  readonly charset?: string | null;
  readonly status?: number;
  readonly headers?: HeaderLines;
  readonly finalUrl?: string;
}

function judge({
  html,
  charset = 'utf-8',
  status = 200,
  headers = [],
  finalUrl,
}: Shown): string | null {
  const url = 'https://news.example/2026/a-story';
  const hop = { url, status } as Capture['hops'][number];
  const capture = {
    url,
    finalUrl: finalUrl ?? url,
    hops: finalUrl ? [hop, hop] : [hop],
    body: typeof html === 'string' ? Buffer.from(html) : html,
    charset,
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

const shell = (title: string, inside = ''): Shown => ({
  html: `<!doctype html><html><head><title>${title}</title></head><body>${inside}</body></html>`,
});

describe('vendors’ challenges are named', () => {
  const challenges: [vendor: string, title: string, inside: string][] = [
    ['Cloudflare', 'Just a moment...', '<script>window._cf_chl_opt={}</script>'],
    ['Cloudflare in German', 'Nur einen Moment…', '<div class="cf-turnstile"></div>'],
    ['Cloudflare in Japanese', 'しばらくお待ちください...', '<script>_cf_chl_opt</script>'],
    ['Cloudflare’s block', 'Attention Required! | Cloudflare', '<div id="cf-error-details"></div>'],
    ['DataDome', 'news.example', '<script src="https://ct.captcha-delivery.com/c.js"></script>'],
    ['PerimeterX', 'Access to this page has been denied.', '<div id="px-captcha"></div>'],
    ['Akamai’s challenge', 'News', '<script src="/_sec/cp_challenge/x.js"></script>'],
    ['Akamai’s refusal', 'Access Denied', 'Reference #18 https://errors.edgesuite.net/18.x'],
    ['Akamai’s interstitial', 'News', '<meta http-equiv="refresh" content="5; URL=/?bm-verify=A">'],
    ['Imperva', 'Pardon Our Interruption', '<script src="/_Incapsula_Resource?x"></script>'],
    ['AWS', 'Human Verification', '<script>awsWafCookieDomainList=[]</script>'],
    [
      'Kasada',
      'Client Challenge',
      '<script>window.KPSDK={}</script><script src="/a/ips.js?t=1"></script>',
    ],
    [
      'Radware',
      'Radware Bot Manager Captcha',
      '<script src="https://validate.perfdrive.com/"></script>',
    ],
    ['F5', 'Request Rejected', '<script src="/TSPD/08?type=7"></script>'],
    ['Sucuri', 'You are being redirected...', '<script>sucuri_cloudproxy_js=""</script>'],
    [
      'Vercel',
      'Vercel Security Checkpoint',
      '<script src="/.well-known/vercel/security/static/c.js"></script>',
    ],
  ];
  it.each(challenges)('%s', (_, title, inside) => {
    expect(judge({ ...shell(title, inside), status: 403 })).toBe('BOT_CHALLENGE');
    expect(judge(shell(title, inside))).toBe('BOT_CHALLENGE');
    // the same words and scripts on an article are its own business
    const said = article
      .replace('Storm floods the harbour', title)
      .replace('</article>', `</article>${inside}`);
    expect(judge({ html: said })).toBeNull();
  });
});

describe('vendors’ walls are named', () => {
  const away = (url: string, { html }: Shown): Shown => ({ html, finalUrl: url });
  const walls: [vendor: string, shown: Shown, code: string][] = [
    [
      'Sourcepoint',
      away('https://cmp.news.example/privacy-mgmt/', shell('Zustimmung', '<button>Ja</button>')),
      'CONSENT_WALL',
    ],
    [
      'Yahoo',
      away(
        'https://guce.example.com/consent?brand=x',
        shell('Yahoo is part of a family', '<form></form>'),
      ),
      'CONSENT_WALL',
    ],
    [
      'Google',
      away(
        'https://consent.example.com/m?continue=x',
        shell('Before you continue', '<form></form>'),
      ),
      'CONSENT_WALL',
    ],
    [
      'DPG',
      shell('Example Privacy Gate', '<script src="/privacy-gate/app.js"></script>'),
      'CONSENT_WALL',
    ],
    [
      'contentpass',
      shell(
        'Cookies & Werbung',
        '<script src="https://cdn.contentpass.example/stub.js">contentpass</script>',
      ),
      'CONSENT_WALL',
    ],
    [
      'OneTrust',
      shell('Cookie consent', '<form id="onetrust-consent-sdk"><button>Accept</button></form>'),
      'CONSENT_WALL',
    ],
    [
      'Piano',
      away('https://id.news.example/piano-id/login', shell('Sign in', '<input type="email">')),
      'LOGIN_WALL',
    ],
    [
      'a paywall',
      shell('Subscribe to read | The Example', '<p>Try it for a month.</p><script src=a></script>'),
      'LOGIN_WALL',
    ],
    ['a register wall', shell('Register to continue reading'), 'LOGIN_WALL'],
    [
      'a login by address first',
      away('https://news.example/login', shell('Se connecter', '<input type=email>')),
      'LOGIN_WALL',
    ],
  ];
  it.each(walls)('%s', (...[, shown, code]) => {
    expect(judge(shown)).toBe(code);
  });
});

describe('"not found" with status 200 is named', () => {
  it.each([
    ...[
      'Fehler 404',
      'Diese Seite existiert nicht',
      'Page non trouvée',
      'Cette page n’existe plus',
    ],
    ...[
      'Página no encontrada',
      'Pagina non trovata',
      'Página não encontrada',
      'Pagina niet gevonden',
    ],
    ...['Siden blev ikke fundet', 'Fant ikke siden', 'Sidan finns inte', 'Sivua ei löytynyt'],
    ...[
      'Nie znaleziono strony',
      'Stránka nenalezena',
      'Stránka sa nenašla',
      'Az oldal nem található',
    ],
    ...[
      'Pagina nu a fost găsită',
      'Sayfa bulunamadı',
      'Η σελίδα δεν βρέθηκε',
      'Страница не найдена',
    ],
    ...['Сторінку не знайдено', 'Страницата не е намерена', 'الصفحة غير موجودة', 'הדף לא נמצא'],
    ...[
      'صفحه یافت نشد',
      'पेज नहीं मिला',
      'ไม่พบหน้า',
      'Không tìm thấy trang',
      'Halaman tidak ditemukan',
    ],
    ...['お探しのページは見つかりません', '页面不存在', '找不到頁面', '페이지를 찾을 수 없습니다'],
  ])('%s', (title) => {
    expect(judge(shell(`${title} | The Example`, `<p>${text}</p>`))).toBe('SOFT_404');
    expect(judge(shell('The Example', `<h1>${title}</h1>`))).toBe('SOFT_404');
  });

  it('in the page’s own charset', () => {
    const page = String(shell('ページが見つかりません').html);
    const russian = String(shell('Страница не найдена').html);
    expect(judge({ html: encode(page, 'shift_jis'), charset: 'shift_jis' })).toBe('SOFT_404');
    expect(judge({ html: encode(russian, 'windows-1251'), charset: null })).toBe('SOFT_404');
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
      'a long one without a declaration behind a redirect through a consent place',
      {
        html: `<title>A storm</title><p>${text}${text}</p><form></form>`,
        finalUrl: 'https://news.example/consent/2026/a-story',
      },
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
    [
      'one about cookie consent, short and without a declaration',
      { html: `<title>New cookie rules explained</title><p>${text.slice(0, 1200)}</p>` },
    ],
    [
      'one about logins, short and without a declaration',
      { html: `<title>How to log in to your bank safely</title><p>${text.slice(0, 1200)}</p>` },
    ],
    [
      'one about a page not found, as a story',
      { html: article.replace('Storm floods the harbour', 'Page not found: the lost web') },
    ],
    [
      'one about captchas that shows one',
      { html: `<title>Why captchas fail</title><p>${text}</p><div class="g-recaptcha"></div>` },
    ],
    [
      'one that loads every consent vendor',
      {
        html: article.replace(
          '</article>',
          '</article><script src="https://cdn.privacy-mgmt.com/unified/wrapper.js"></script><div id="onetrust-consent-sdk"><form><button>Accept</button></form></div><script src="https://sdk.privacy-center.org/x"></script>',
        ),
      },
    ],
    ['a real 404 is left to its status', { html: '<title>Page not found</title>', status: 404 }],
  ];
  it.each(articles)('%s', (...[, shown]) => {
    expect(judge(shown)).toBeNull();
  });
});
