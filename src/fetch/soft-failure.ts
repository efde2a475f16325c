/**
 * Pages that come with good manners and are not the article: bot challenge, login wall, consent wall, shell of scripts,
 * "not found" with status 200. Calling an article a wall loses it, so each rule wants two independent signs,
 * and a page that declares itself an article is never called one by its looks.
 * Rules are keyed on what walls are made of, never on a publisher.
 */

import type { Capture } from '../capture.ts';
import { EmbedkeepError } from '../errors.ts';
import type { Head } from './exchange.ts';
import { outlinePage, type PageOutline } from './page-outline.ts';

type SoftCode = 'BOT_CHALLENGE' | 'LOGIN_WALL' | 'CONSENT_WALL' | 'EMPTY_SHELL' | 'SOFT_404';
type Rule = readonly [code: SoftCode, name: string, applies: (page: Page) => boolean];

interface Page extends PageOutline {
  readonly head: Head;
  readonly redirected: boolean;
  readonly finalUrl: URL;
}

/** A challenge page is a stub with a script; an article that merely loads the vendor's script is longer. */
const SHORT_TEXT = 1500;
const STUB_TEXT = 200;

const CHALLENGE_TITLE =
  /^(just a moment\.{0,3}|attention required!.*|access to this page has been denied\.?|pardon our interruption\.*|are you a robot\??|verify(ing)? (that )?you are (a )?human.*|security check(point)?|vercel security checkpoint|ddos-guard|checking your browser.*|human verification|robot check|access denied)$/i;
const CHALLENGE_MARK =
  /_cf_chl_opt|\/cdn-cgi\/challenge-platform\/|captcha-delivery\.com|px-captcha|_Incapsula_Resource|awsWafCookieDomainList|\/_sec\/cp_challenge\/|ak-challenge|g-recaptcha|h-captcha|cf-turnstile|geo\.captcha|\/\.well-known\/vercel\/security\//;
const CHALLENGE_HEADERS: readonly (readonly [string, RegExp])[] = [
  ['cf-mitigated', /challenge/i],
  ['x-vercel-mitigated', /challenge|deny/i],
  ['x-amzn-waf-action', /challenge|captcha/i],
  ['x-datadome', /protected/i],
];

const LOGIN_PLACE = /(^|[./_-])(log-?in|sign-?in|sso|auth|anmelden|connexion|account)([./_-]|$)/i;
const LOGIN_TITLE =
  /\b(log ?in|sign ?in|anmelden|einloggen|se connecter|connexion|iniciar sesión|accedi|inloggen|вход)\b|ログイン|登录|로그인/i;
const CONSENT_PLACE =
  /(^|[./_-])(consent|cookie-?wall|privacy-?gate|gdpr|cmp|collectconsent)([./_-]|$)/i;
const CONSENT_TITLE =
  /\b(consent|cookies?|privacy|datenschutz|zustimmung|confidentialité|privacidad|toestemming|vie privée)\b/i;

const MISSING_TITLE =
  /^(error:? ?)?404\b|\b404( error)?$|^(oops[!,.]* )?(sorry[!,.]* )?(the |this )?(page|article|seite|content)( you (are|were) looking for)? (was |is |could |can )?(not |n['’]t |no longer )(be )?(found|available|exists?)|^page introuvable|^seite nicht gefunden|^p[áa]gina no encontrada|^pagina non trovata|^p[áa]gina n[ãa]o encontrada|^pagina niet gevonden|^страница не найдена|^sidan (kunde inte hittas|finns inte)|^ページが見つかりません|^页面不存在|^找不到(页面|頁面)|^페이지를 찾을 수 없습니다/i;
/** "Page not found | The Daily Example": what stands before the site's name. */
const TITLE_TAIL = /\s+[|–—·»:-]\s+.*$/;

const hasHeader = ({ headers }: Head, name: string, value: RegExp): boolean =>
  headers.some(([key, text]) => key.toLowerCase() === name && value.test(text));

const place = ({ finalUrl }: Page): string => `${finalUrl.hostname}${finalUrl.pathname}`;

/** In order of trust; the first that applies names the page. */
const RULES: readonly Rule[] = [
  [
    'BOT_CHALLENGE',
    'header and short page',
    (page) =>
      CHALLENGE_HEADERS.some(([name, value]) => hasHeader(page.head, name, value)) &&
      page.textLength() < SHORT_TEXT,
  ],
  [
    'BOT_CHALLENGE',
    'challenge script and title',
    (page) =>
      !page.isArticle() && CHALLENGE_TITLE.test(page.title()) && CHALLENGE_MARK.test(page.markup),
  ],
  [
    'BOT_CHALLENGE',
    'challenge script and no text',
    (page) =>
      !page.isArticle() && page.textLength() < STUB_TEXT && CHALLENGE_MARK.test(page.markup),
  ],
  [
    'LOGIN_WALL',
    'redirected to a login form',
    (page) =>
      page.redirected && !page.isArticle() && page.hasPassword() && LOGIN_PLACE.test(place(page)),
  ],
  [
    'LOGIN_WALL',
    'login title and form, little text',
    (page) =>
      !page.isArticle() &&
      LOGIN_TITLE.test(page.title()) &&
      page.hasPassword() &&
      page.textLength() < SHORT_TEXT,
  ],
  [
    'CONSENT_WALL',
    'redirected to a consent page',
    (page) =>
      page.redirected &&
      !page.isArticle() &&
      CONSENT_PLACE.test(place(page)) &&
      (page.hasForm() || CONSENT_TITLE.test(page.title())),
  ],
  [
    'CONSENT_WALL',
    'consent title and form, little text',
    (page) =>
      !page.isArticle() &&
      CONSENT_TITLE.test(page.title()) &&
      page.hasForm() &&
      page.textLength() < SHORT_TEXT * 2,
  ],
  [
    'SOFT_404',
    'title says so, no article',
    (page) =>
      !page.isArticle() &&
      (MISSING_TITLE.test(page.title()) ||
        MISSING_TITLE.test(page.title().replace(TITLE_TAIL, ''))),
  ],
  [
    'SOFT_404',
    'headline says so, little text',
    (page) =>
      !page.isArticle() && page.textLength() < SHORT_TEXT && MISSING_TITLE.test(page.headline()),
  ],
  [
    'EMPTY_SHELL',
    'nothing at all',
    (page) => page.markup.trim() === '' && page.head.status === 200,
  ],
  [
    'EMPTY_SHELL',
    'scripts, no text and no data',
    (page) =>
      !page.isArticle() && page.textLength() < STUB_TEXT && page.scripts() > 0 && !page.hasData(),
  ],
];

/** Null for an article. Error statuses are looked at for challenges only. */
export function softFailure(capture: Capture, head: Head): EmbedkeepError | null {
  const outline = outlinePage(capture.body ?? new Uint8Array());
  const page: Page = {
    ...outline,
    head,
    finalUrl: new URL(capture.finalUrl),
    redirected: capture.hops.length > 1,
  };
  const good = head.status >= 200 && head.status < 300;
  const rules = good ? RULES : RULES.filter(([code]) => code === 'BOT_CHALLENGE');
  const hit = rules.find(([, , applies]) => applies(page));
  if (!hit) return null;
  const [code, rule] = hit;
  return new EmbedkeepError(code, undefined, { detail: { rule, status: head.status } });
}
