/**
 * The date that a page prints under a post, in the languages of the widgets (docs/TIME.md).
 * It asks neither the machine's clock nor its zone, locale or ICU.
 */
import { daysBetween, isoDay, weekdayOf } from './calendar.ts';
import { type Clock, takeClock, type Zone } from './clock.ts';
import { type Reading, readDay } from './date-parts.ts';
import { withCommonYears } from './eras.ts';
import { foldWords } from './fold.ts';
import { type Token, tokenise } from './tokens.ts';

export interface PrintedDate {
  /** The calendar day that the text says; null where it can be several. */
  readonly date: string | null;
  /** RFC 3339 in UTC; only where the text has a time and a zone. */
  readonly instant: string | null;
  readonly precision: 'min' | 's' | 'day';
  /** The possible days where `date` is null; empty otherwise. */
  readonly readings: string[];
}

export interface DateHints {
  /** The post's and the page's languages: they settle a month name or a numeric order that several share. */
  readonly langs?: readonly string[];
  /** RFC 3339: settles a year that the text leaves out, and which of several readings is meant. */
  readonly near?: string;
  /** RFC 3339: a reading that lies after it (a day's grace) is none where another does not. */
  readonly until?: string | undefined;
}

/** The longest date of the tables has 60 characters; what is longer is prose. */
const MAX_LENGTH = 120;
const HAS_DIGIT = /\p{Nd}/u;
/** Years that are tried for a text without one. */
const YEARS_BACK = 30;

/** Null where the text is no date, or more than one. */
export function readDate(text: string, hints: DateHints = {}): PrintedDate | null {
  if (text.length > MAX_LENGTH || !HAS_DIGIT.test(text)) return null;
  const folded = withCommonYears(foldWords(text).trim());
  const iso = readIso(folded);
  if (iso) return iso;
  const { clock, zone, rest } = takeClock(tokenise(folded));
  const days = daysOf(rest, hints);
  if (days.length === 0) return null;
  const [first, ...others] = days;
  const date = others.length === 0 ? (first ?? null) : null;
  return {
    date,
    instant: date === null ? null : instantOf(date, clock, zone),
    precision: clock === null ? 'day' : clock.second === null ? 'min' : 's',
    readings: date === null ? [...new Set(days)] : [],
  };
}

const ISO =
  /^(\d{4})-(\d\d)-(\d\d)(?:(?:t| )(\d\d):(\d\d)(?::(\d\d)(?:[.,]\d{1,12})?)? ?(z|utc|gmt|[+-]\d\d(?::?\d\d)?)?)?$/;

/** ISO 8601 and RFC 3339; an hour 24 or a second 60 is refused. */
function readIso(folded: string): PrintedDate | null {
  const match = ISO.exec(folded);
  if (!match) return null;
  const [, year, month, day, hour, minute, second, zone] = match;
  const date = isoDay({ year: Number(year), month: Number(month), day: Number(day) });
  if (date === null) return null;
  if (hour === undefined) return { date, instant: null, precision: 'day', readings: [] };
  if (Number(hour) > 23 || Number(minute) > 59 || Number(second ?? 0) > 59) return null;
  const clock = {
    hour: Number(hour),
    minute: Number(minute),
    second: second === undefined ? null : Number(second),
    half: null,
  };
  const precision = second === undefined ? 'min' : 's';
  const minutes = zone === undefined ? Number.NaN : isoOffset(zone);
  return {
    date,
    instant: instantOf(date, clock, { minutes, pacific: false }),
    precision,
    readings: [],
  };
}

function isoOffset(zone: string): number {
  if (!'+-'.includes(zone.charAt(0))) return 0;
  const digits = zone.slice(1).replace(':', '').padEnd(4, '0');
  const minutes = Number(digits.slice(0, 2)) * 60 + Number(digits.slice(2));
  return minutes > 840 ? Number.NaN : zone.startsWith('-') ? -minutes : minutes;
}

function instantOf(date: string, clock: Clock | null, zone: Zone | null): string | null {
  if (clock === null || zone === null || Number.isNaN(zone.minutes)) return null;
  // `12:17 PDT` of Instagram in German is 00:17: nothing says which half of the day
  if (zone.pacific && clock.half === null && clock.hour >= 1 && clock.hour <= 12) return null;
  const minutes = clock.hour * 60 + clock.minute - zone.minutes;
  const time = Date.parse(`${date}T00:00:00Z`) + (minutes * 60 + (clock.second ?? 0)) * 1000;
  return new Date(time).toISOString().replace('.000Z', 'Z');
}

/** In the languages of the hints; if that leaves it open (a weekday may contradict them), in any. */
function daysOf(tokens: readonly Token[], hints: DateHints): string[] {
  const { langs = [] } = hints;
  const hinted = resolve(readDay(tokens, langs) ?? [], hints);
  if (hinted.length === 1 || langs.length === 0) return hinted;
  const any = resolve(readDay(tokens, []) ?? [], hints);
  return any.length === 1 ? any : hinted;
}

/** The days that the readings can mean, each once. */
function resolve(readings: readonly Reading[], { near, until }: DateHints): string[] {
  const all = notAfter(
    until,
    readings.flatMap((reading) => dayOf(reading, near)),
  );
  const days = distinct(all.map(({ day }) => day));
  const fitting = distinct(
    all.filter(({ day, weekdays }) => fitsWeekday(day, weekdays)).map(({ day }) => day),
  );
  // a weekday that fits no reading contradicts the text: none is certain, not even the only one
  if (fitting.length === 0) return days.length === 1 ? [...days, ...days] : days;
  if (fitting.length === 1 || near === undefined) return fitting;
  const close = fitting.filter((day) => Math.abs(daysBetween(day, near.slice(0, 10))) <= 1);
  return close.length === 1 ? close : fitting;
}

function notAfter(until: string | undefined, all: readonly Candidate[]): readonly Candidate[] {
  if (until === undefined || Number.isNaN(Date.parse(until))) return all;
  const before = all.filter(({ day }) => daysBetween(until.slice(0, 10), day) <= 1);
  return before.length === 0 ? all : before;
}

const distinct = (days: readonly string[]) => [...new Set(days)].sort();

const fitsWeekday = (day: string, weekdays: readonly number[]) =>
  weekdays.length === 0 || weekdays.includes(weekdayOf(day));

interface Candidate {
  readonly day: string;
  readonly weekdays: readonly number[];
}

/** Without a year: the last such day not after `near` (a day's grace for zones) that fits the weekday. */
function dayOf({ year, month, day, weekdays }: Reading, near: string | undefined): Candidate[] {
  const inYear = (y: number): Candidate[] => {
    const iso = isoDay({ year: y, month, day });
    return iso === null ? [] : [{ day: iso, weekdays }];
  };
  if (year !== null) return inYear(year);
  if (near === undefined || Number.isNaN(Date.parse(near))) return [];
  const until = near.slice(0, 10);
  const last = Number(until.slice(0, 4)) + 1;
  const years = Array.from({ length: YEARS_BACK }, (_, i) => last - i);
  const past = years
    .flatMap(inYear)
    .filter((c) => daysBetween(c.day, until) >= -1 && fitsWeekday(c.day, weekdays));
  return past.slice(0, 1);
}
