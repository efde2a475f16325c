/**
 * How long captures are kept, as one line of text: `tag:backfill 30d; tag:election forever; default 2y keep 3`. Pure.
 * A rule says for whom (`tag:NAME`, or `default` for what no tag rule speaks of), how long after the fetch (hours `h`,
 * days `d`, weeks `w`, years `y` of 365 days, or `forever`), and how many of an article's newest captures stay however old
 * they are (`keep 1` unless it says otherwise; `keep 0` gives the last one up too). Where several tags of a capture have
 * a rule, what keeps it longest counts. What no rule speaks of stays.
 */
import { EmbedkeepError } from './errors.ts';

export interface RetentionRule {
  /** Null: everything that no rule with a tag speaks of. */
  readonly tag: string | null;
  /** Infinity: for ever. */
  readonly maxAgeMs: number;
  /** Of an article's newest captures, so many stay whatever their age. */
  readonly keep: number;
  /** As it was written, for the event chain. */
  readonly text: string;
}

const HOUR_MS = 3_600_000;
const UNITS: Readonly<Record<string, number>> = {
  h: HOUR_MS,
  d: 24 * HOUR_MS,
  w: 7 * 24 * HOUR_MS,
  y: 365 * 24 * HOUR_MS,
};

const SEPARATOR = /[;\n]/;
const SPACES = /\s+/g;
const RULE =
  /^(?:tag:(?<tag>\S{1,100})|default) (?:forever|(?<count>\d{1,5})(?<unit>[hdwy]))(?: keep (?<keep>\d{1,5}))?$/;

/** @throws EmbedkeepError PAYLOAD_INVALID that names the rule which cannot be read */
export function parseRetention(given: string): RetentionRule[] {
  const rules = given
    .split(SEPARATOR)
    .map((part) => part.trim().replaceAll(SPACES, ' '))
    .filter((part) => part !== '')
    .map(ruleOf);
  const whom = rules.map(({ tag }) => tag);
  const twice = rules.find(({ tag }, index) => whom.indexOf(tag) !== index);
  if (twice) throw unreadable(twice.text, 'a second rule for the same captures');
  return rules;
}

function ruleOf(text: string): RetentionRule {
  const parts = RULE.exec(text)?.groups;
  if (!parts) {
    throw unreadable(
      text,
      'no rule; one is `tag:NAME 30d`, `tag:NAME forever` or `default 2y keep 3`',
    );
  }
  const { tag, count, unit, keep } = parts;
  const maxAgeMs = unit ? Number(count) * (UNITS[unit] ?? 0) : Number.POSITIVE_INFINITY;
  return { tag: tag ?? null, maxAgeMs, keep: Number(keep ?? 1), text };
}

const unreadable = (text: string, what: string): EmbedkeepError =>
  new EmbedkeepError('PAYLOAD_INVALID', `${JSON.stringify(text.slice(0, 200))} is ${what}.`);

/** The rule for a capture with these tags; null where none speaks of it. */
export function ruleFor(
  tags: readonly string[],
  rules: readonly RetentionRule[],
): RetentionRule | null {
  const mine = rules.filter(({ tag }) => tag !== null && tags.includes(tag));
  const speaking = mine.length > 0 ? mine : rules.filter(({ tag }) => tag === null);
  return speaking.reduce<RetentionRule | null>(
    (longest, rule) => (longest && !isLonger(rule, longest) ? longest : rule),
    null,
  );
}

const isLonger = (one: RetentionRule, other: RetentionRule): boolean =>
  one.maxAgeMs > other.maxAgeMs || (one.maxAgeMs === other.maxAgeMs && one.keep > other.keep);

/** What a rule looks at. */
export interface Aged {
  readonly fetchedAt: string;
  readonly tags: readonly string[];
  /** A page that was kept and never read (a wall, an error) is no version to fall back to. */
  readonly isRead: boolean;
  /** Its bytes are gone already: neither is it one to fall back to. */
  readonly isGone?: boolean;
}

/** Of one article's captures, newest first, those whose time has come, each with its rule. */
export function expiredOf<T extends Aged>(
  captures: readonly T[],
  { rules, now }: { rules: readonly RetentionRule[]; now: Date },
): { capture: T; rule: RetentionRule }[] {
  const stays = { read: 0, all: 0 };
  return captures.flatMap((capture) => {
    const rule = ruleFor(capture.tags, rules);
    const age = now.getTime() - Date.parse(capture.fetchedAt);
    const newer = capture.isRead ? stays.read : stays.all;
    if (rule && age >= rule.maxAgeMs && newer >= rule.keep) return [{ capture, rule }];
    if (capture.isGone) return [];
    stays.all += 1;
    if (capture.isRead) stays.read += 1;
    return [];
  });
}

/** Nothing younger than this can have expired. */
export const shortestAge = (rules: readonly RetentionRule[]): number =>
  Math.min(...rules.map(({ maxAgeMs }) => maxAgeMs));
