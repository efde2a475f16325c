/**
 * When a plan's captures are due. Pure.
 *
 *   plan     = step { ("," | "then" | ", then") step }
 *   step     = ("every" duration | "hourly" | "daily" | "weekly" | "monthly") [ "for" duration ]
 *   duration = ["a" | "an" | number] unit, or ISO 8601 (PT90M, P1D, P1M)
 *   unit     = minute, hour, day, week (7 days), month (30 days), year (365 days); plural, or min, h, d, w
 *
 * Only the last step may be without `for`: then the plan has no end. Months are 30 days so that every interval is one length.
 */
import { EmbedkeepError } from './errors.ts';

export interface PlanStep {
  readonly everyMs: number;
  /** Null in the last step of a plan without end. */
  readonly forMs: number | null;
}

const MINUTE = 60_000;
const HOUR = 60 * MINUTE;
const DAY = 24 * HOUR;
const UNITS: ReadonlyMap<string, number> = new Map(
  Object.entries({
    min: MINUTE,
    minute: MINUTE,
    h: HOUR,
    hour: HOUR,
    d: DAY,
    day: DAY,
    w: 7 * DAY,
    week: 7 * DAY,
    month: 30 * DAY,
    year: 365 * DAY,
  }),
);
const ADVERBS: ReadonlyMap<string, number> = new Map(
  Object.entries({
    hourly: HOUR,
    daily: DAY,
    weekly: 7 * DAY,
    monthly: 30 * DAY,
  }),
);
const SHORTEST = MINUTE;
const LONGEST = 3650 * DAY;
const MOST_STEPS = 10;
export const LONGEST_SPEC = 500;

interface Word {
  readonly text: string;
  /** Of its first character, counted from 1. */
  readonly at: number;
}

const WORDS = /,|[^\s,]+/g;
const AMOUNT = /^(?<count>\d{1,6})?(?<unit>[a-z]+)?$/;
const ISO =
  /^p(?:(\d{1,5})y)?(?:(\d{1,5})m)?(?:(\d{1,5})w)?(?:(\d{1,5})d)?(?:t(?:(\d{1,6})h)?(?:(\d{1,7})m)?)?$/;
const ISO_UNITS = [365 * DAY, 30 * DAY, 7 * DAY, DAY, HOUR, MINUTE];

/** @throws EmbedkeepError PLAN_INVALID with `detail.position`, a character counted from 1 */
export function parsePlan(spec: string): readonly PlanStep[] {
  if (spec.length > LONGEST_SPEC) throw invalid(LONGEST_SPEC + 1, 'the plan is too long');
  const words = [...spec.toLowerCase().matchAll(WORDS)].map(({ 0: text, index }) => {
    return { text, at: index + 1 };
  });
  const reader = { words, next: 0, end: spec.length + 1 };
  const steps: PlanStep[] = [];
  do {
    const at = here(reader);
    if (steps.at(-1)?.forMs === null) {
      throw invalid(at, 'only the last step may be without "for"');
    }
    if (steps.length === MOST_STEPS) throw invalid(at, `at most ${MOST_STEPS} steps`);
    steps.push(readStep(reader));
  } while (readSeparator(reader));
  return steps;
}

interface Reading {
  readonly words: readonly Word[];
  readonly end: number;
  next: number;
}

const here = ({ words, next, end }: Reading): number => words[next]?.at ?? end;
const peek = ({ words, next }: Reading): string => words[next]?.text ?? '';

function take(reader: Reading): Word {
  const word = reader.words[reader.next] ?? { text: '', at: reader.end };
  reader.next += 1;
  return word;
}

function readSeparator(reader: Reading): boolean {
  if (peek(reader) === '') return false;
  const comma = peek(reader) === ',';
  if (comma) take(reader);
  const then = peek(reader) === 'then';
  if (then) take(reader);
  if (comma || then) return true;
  throw expected(take(reader), '"for", "," or "then"');
}

function readStep(reader: Reading): PlanStep {
  const at = here(reader);
  const word = take(reader);
  const adverb = ADVERBS.get(word.text);
  if (adverb === undefined && word.text !== 'every') {
    throw expected(word, '"every", "hourly", "daily", "weekly" or "monthly"');
  }
  const everyMs = adverb ?? readDuration(reader);
  if (everyMs < SHORTEST) throw invalid(at, 'the shortest interval is a minute');
  if (peek(reader) !== 'for') return { everyMs, forMs: null };
  take(reader);
  const forAt = here(reader);
  const forMs = readDuration(reader);
  if (forMs < everyMs) throw invalid(forAt, 'shorter than its interval: nothing would be due');
  return { everyMs, forMs };
}

const UNIT_NAMES = 'minutes, hours, days, weeks, months or years';

function readDuration(reader: Reading): number {
  const word = take(reader);
  const iso = ISO.exec(word.text);
  if (iso && word.text.length > 2) {
    const ms = ISO_UNITS.reduce((sum, unit, n) => sum + Number(iso[n + 1] ?? 0) * unit, 0);
    return within(ms, word);
  }
  const isArticle = word.text === 'a' || word.text === 'an';
  const { count, unit } = (isArticle ? {} : AMOUNT.exec(word.text)?.groups) ?? {};
  if (!(isArticle || count || unit)) throw expected(word, 'a duration as in "2 hours" or "PT2H"');
  const named =
    unit === undefined ? take(reader) : { text: unit, at: word.at + (count?.length ?? 0) };
  const ms =
    UNITS.get(named.text) ??
    (named.text.endsWith('s') ? UNITS.get(named.text.slice(0, -1)) : undefined);
  if (ms === undefined) throw expected(named, UNIT_NAMES);
  return within(Number(count ?? 1) * ms, word);
}

function within(ms: number, { at }: Word): number {
  if (ms > 0 && ms <= LONGEST) return ms;
  throw invalid(at, ms > 0 ? 'at most ten years' : 'more than nothing');
}

const expected = ({ text, at }: Word, what: string): EmbedkeepError =>
  invalid(at, `expected ${what}, got ${text === '' ? 'the end' : JSON.stringify(text)}`);

const invalid = (position: number, what: string): EmbedkeepError =>
  new EmbedkeepError('PLAN_INVALID', `Character ${position}: ${what}.`, { detail: { position } });

export interface Dues {
  /** The latest due time that is not after `at`; null before the first. */
  readonly last: number | null;
  /** The first after `at`; null where there is none. */
  readonly next: number | null;
}

/** The first capture is due one interval after the start. All in epoch milliseconds. */
export function dueAround(steps: readonly PlanStep[], startsAt: number, at: number): Dues {
  let last: number | null = null;
  let begin = startsAt;
  for (const { everyMs, forMs } of steps) {
    const end = forMs === null ? Number.POSITIVE_INFINITY : begin + forMs;
    const passed = Math.floor((Math.min(at, end) - begin) / everyMs);
    if (passed >= 1) last = begin + passed * everyMs;
    const next = begin + Math.max(1, passed + 1) * everyMs;
    if (next <= end) return { last, next };
    begin = end;
  }
  return { last, next: null };
}

export function endOf(steps: readonly PlanStep[], startsAt: number): number | null {
  let end = startsAt;
  for (const { forMs } of steps) {
    if (forMs === null) return null;
    end += forMs;
  }
  return end;
}
