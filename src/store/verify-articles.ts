/**
 * Articles against their captures and runs: the address they are named by, what they are called, and which run and capture was the
 * last. Captures are met first, in the order in which they came, then runs, then the articles.
 */
import { articleId } from '../article-url.ts';
import { DiskShelf } from './shelf.ts';
import type { StatedRun } from './stated.ts';
import type { Inspection } from './verify-report.ts';

export interface ArticleClaim {
  readonly id: string;
  readonly url: string;
  readonly host: string;
  readonly title: string | null;
  readonly acceptedAt: string;
  readonly lastRunId: string | null;
  readonly failedRun: string | null;
  readonly lastCaptureId: string | null;
  readonly lastCapturedAt: string | null;
}

export interface ArticleView {
  articles(): AsyncIterable<ArticleClaim>;
  /** The article with its runs and captures as of one moment; absent where nobody writes meanwhile. */
  again?(id: string): Promise<WholeArticle | null>;
}

export interface WholeArticle {
  readonly article: ArticleClaim;
  /** In the order in which they came. */
  readonly captures: readonly ReadCapture[];
  readonly runs: readonly OwnRun[];
}

/** A run as far as an article speaks of it. */
export interface OwnRun {
  readonly stated: StatedRun;
  /** Its number in the store that took the order. */
  readonly seq: number;
  readonly host: string;
  readonly isImported: boolean;
}

/** A capture as far as an article speaks of it. */
export interface ReadCapture {
  readonly id: string;
  readonly at: string;
  /** Whether a parser read it. */
  readonly isRead: boolean;
  readonly title: string | null;
  /** Whether it says what its page is called: one imported from JSON lines does not. */
  readonly saysTitle: boolean;
}

/** Of several at once either may be the last: the last to come, or by the clock. */
interface Met {
  readonly captures: readonly [came: Last | null, fetched: Last | null];
  readonly runs: readonly [came: LastRun | null, ordered: LastRun | null];
  /** When the first was ordered. */
  readonly since: string | null;
  readonly titles: readonly string[];
  /** That its runs name. */
  readonly hosts: readonly string[];
  /** What came from elsewhere may say less than was known there. */
  readonly isImported: boolean;
}
interface Last {
  readonly id: string;
  /** When it was fetched, and when its run ended. */
  readonly at: string;
  readonly ended: string | null;
}
interface LastRun {
  readonly id: string;
  readonly at: string;
  readonly seq: number;
  readonly isFailed: boolean;
}

const NOTHING: Met = {
  captures: [null, null],
  runs: [null, null],
  since: null,
  titles: [],
  hosts: [],
  isImported: false,
};

export class ArticleLedger {
  readonly #met = new DiskShelf<Met>();
  readonly #view: ArticleView;

  constructor(view: ArticleView) {
    this.#view = view;
  }

  meetRun(run: OwnRun): void {
    const id = run.stated.article_id;
    this.#met.set(id, afterRun(this.#met.get(id) ?? NOTHING, run));
  }

  meetCapture(article: string, capture: ReadCapture): void {
    this.#met.set(article, afterCapture(this.#met.get(article) ?? NOTHING, capture));
  }

  /** Call it when all captures and runs were met. */
  async report(inspection: Inspection): Promise<void> {
    const seen = new DiskShelf<true>();
    try {
      for await (const article of this.#view.articles()) {
        if (seen.add(article.id, true)) inspection.count('articles');
        const problem = problemOf(article, this.#met.get(article.id) ?? NOTHING);
        const now = problem && (await this.#problemNow(article.id, problem));
        if (now) inspection.damage('ARTICLE_MISMATCH', `article ${article.id}`, now);
      }
      for (const [id] of this.#met.entries()) {
        if (seen.has(id)) continue;
        const now = await this.#problemNow(id, 'has runs or captures and is not there');
        if (now) inspection.damage('ARTICLE_MISMATCH', `article ${id}`, now);
      }
    } finally {
      seen.close();
    }
  }

  close(): void {
    this.#met.close();
  }

  /** Whoever is writing meanwhile may have come between the article and what it has. */
  async #problemNow(id: string, problem: string): Promise<string | null> {
    if (!this.#view.again) return problem;
    const whole = await this.#view.again(id);
    if (!whole) return problem;
    const { article, runs, captures } = whole;
    return problemOf(article, runs.reduce(afterRun, captures.reduce(afterCapture, NOTHING)));
  }
}

function afterCapture(met: Met, { id, at, isRead, title, saysTitle }: ReadCapture): Met {
  if (!isRead) return met;
  const last = { id, at, ended: null };
  const [, fetched] = met.captures;
  const isLater = fetched === null || time(at) >= time(fetched.at);
  const isNew = title !== null && !met.titles.includes(title);
  return {
    ...met,
    captures: [last, isLater ? last : fetched],
    titles: isNew ? [...met.titles, title] : met.titles,
    isImported: met.isImported || !saysTitle,
  };
}

function afterRun(met: Met, { stated, seq, host, isImported }: OwnRun): Met {
  const { id, accepted_at: at, state, capture_id: brought, finished_at: ended } = stated;
  const run = { id, at, seq, isFailed: state === 'failed' };
  const [came, ordered] = met.runs;
  const isLast = came === null || seq >= came.seq;
  const isLater = ordered === null || time(at) >= time(ordered.at);
  const isFirst = met.since === null || time(at) < time(met.since);
  const withEnd = (one: Last | null): Last | null =>
    one && one.id === brought ? { ...one, ended } : one;
  return {
    ...met,
    captures: [withEnd(met.captures[0]), withEnd(met.captures[1])],
    runs: [isLast ? run : came, isLater ? run : ordered],
    since: isFirst ? at : met.since,
    hosts: host === '' || met.hosts.includes(host) ? met.hosts : [...met.hosts, host],
    isImported: met.isImported || isImported,
  };
}

function problemOf(article: ArticleClaim, met: Met): string | null {
  const { id, url, host, acceptedAt } = article;
  if (articleId(url) !== id || hostOf(url) !== host) return 'has the id or host of another address';
  if (met.hosts.some((one) => one !== host)) return 'has a run that names another host';
  if (met.since !== null && !met.isImported && time(acceptedAt) !== time(met.since)) {
    return 'is said to have been accepted at another time than its first run';
  }
  return runProblem(article, met) ?? captureProblem(article, met) ?? titleProblem(article, met);
}

function runProblem({ lastRunId, failedRun }: ArticleClaim, { runs }: Met): string | null {
  const last = runs.find((run) => (run?.id ?? null) === lastRunId);
  if (last === undefined) return 'names another run as its last';
  // An older one that failed says nothing any more.
  const isSaid = failedRun !== null && failedRun === lastRunId;
  return isSaid === (last?.isFailed ?? false)
    ? null
    : 'says otherwise than its last run whether that failed';
}

function captureProblem(article: ArticleClaim, { captures }: Met): string | null {
  const { lastCaptureId, lastCapturedAt } = article;
  const last = captures.find((one) => (one?.id ?? null) === lastCaptureId);
  if (last === undefined) return 'names another capture as its last';
  const times = last ? [last.at, last.ended].flatMap((at) => (at ? time(at) : [])) : [];
  const isThen = lastCapturedAt === null ? !last : times.includes(time(lastCapturedAt));
  return isThen ? null : 'is said to have been captured at another time than its last capture was';
}

function titleProblem({ title }: ArticleClaim, { titles, isImported }: Met): string | null {
  const isCalled = title === null ? titles.length === 0 : titles.includes(title);
  return isCalled || isImported ? null : 'has a title that no capture of it says';
}

const time = (text: string): number => Date.parse(text);
const hostOf = (url: string): string => (URL.canParse(url) ? new URL(url).hostname : '');
