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
import {
  CHALLENGE_HEADERS,
  CHALLENGE_MARK,
  CHALLENGE_TITLE,
  CONSENT_MARK,
  CONSENT_PLACE,
  CONSENT_TITLE,
  LOGIN_PLACE,
  LOGIN_TITLE,
  MISSING_TITLE,
  PAYWALL_TITLE,
} from './wall-words.ts';

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
      page.redirected &&
      !page.isArticle() &&
      LOGIN_PLACE.test(place(page)) &&
      (page.hasPassword() || (page.hasEmail() && LOGIN_TITLE.test(page.title()))),
  ],
  [
    'LOGIN_WALL',
    'title asks to log in for reading, little text',
    (page) =>
      !page.isArticle() && PAYWALL_TITLE.test(page.title()) && page.textLength() < SHORT_TEXT,
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
      (CONSENT_TITLE.test(page.title()) || (page.hasForm() && page.textLength() < SHORT_TEXT * 2)),
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
    'CONSENT_WALL',
    'consent title and script, no text',
    (page) =>
      !page.isArticle() &&
      page.textLength() < STUB_TEXT &&
      CONSENT_TITLE.test(page.title()) &&
      CONSENT_MARK.test(page.markup),
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
  const outline = outlinePage(capture.body ?? new Uint8Array(), capture.charset);
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
