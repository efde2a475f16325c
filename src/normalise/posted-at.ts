/** When a post was made, from everything that says so: the printed text, a machine-readable attribute, its id. */
import type { PostedAt } from '../embed.ts';
import { daysBetween } from './calendar.ts';
import { type PrintedDate, readDate } from './date.ts';
import { datePrefix } from './date-prefix.ts';
import type { IdTime } from './ids.ts';

export interface PostedAtInput {
  /** The date as the page shows it. */
  readonly text?: string | null | undefined;
  /** `time[datetime]`, `a[data-datetime]`, a JSON field. */
  readonly attribute?: string | null | undefined;
  readonly idTime?: IdTime | null | undefined;
  /** The post's and the page's languages. */
  readonly langs?: readonly string[] | undefined;
  /** RFC 3339: when the bytes were fetched. */
  readonly capturedAt?: string | null | undefined;
  /** RFC 3339 or YYYY-MM-DD: what the article says of itself. */
  readonly articlePublishedAt?: string | null | undefined;
  /** An article may take up posts until it was last changed. */
  readonly articleModifiedAt?: string | null | undefined;
}

const HOUR = 3_600_000;
const DAY = 24 * HOUR;
/** The calendar day of an instant lies, somewhere on Earth, between UTC-12 and UTC+14. */
const BEHIND = 12 * HOUR;
const AHEAD = 14 * HOUR;
/** Clocks of servers and clients differ; below this, later isn't a contradiction. */
const SKEW = 5 * 60_000;

interface Said {
  readonly text: PrintedDate | null;
  readonly attribute: PrintedDate | null;
  readonly id: IdTime | null;
}

export function postedAt(input: PostedAtInput): PostedAt {
  const id = input.idTime ?? null;
  const attribute = readAttribute(input, id);
  const text = readShown(input.text, input, id);
  const said = { text, attribute, id };
  const date = utcDay(attribute) ?? text?.date ?? null;
  const instant = id?.instant ?? attribute?.instant ?? text?.instant ?? null;
  const reason = conflictOf(said, input);
  return {
    text: input.text?.trim() || null,
    date,
    instant,
    ...winner(said),
    readings: date === null ? (text?.readings ?? attribute?.readings ?? []) : [],
    conflict: reason === null ? null : { reason },
  };
}

/** Which source the finest answer comes from, and how fine it is. */
function winner({ id, attribute, text }: Said): Pick<PostedAt, 'precision' | 'source'> {
  if (id) return { precision: id.precision, source: 'id' };
  if (attribute?.date) return { precision: attribute.precision, source: 'attribute' };
  if (text?.date) return { precision: text.precision, source: 'text' };
  return { precision: null, source: null };
}

/** The id settles a year that is left out and which of two readings is meant; the article only the year. */
function read(
  text: string | null | undefined,
  input: PostedAtInput,
  id: IdTime | null,
): PrintedDate | null {
  if (text === null || text === undefined) return null;
  const langs = input.langs ?? [];
  const until = input.capturedAt ?? undefined;
  if (id) {
    // before the languages: they only make a reading likely, the id makes it certain
    const near = readDate(text, { near: id.instant, until });
    return near?.date ? near : readDate(text, { langs, near: id.instant, until });
  }
  return readDate(text, { langs, until });
}

const SPACES = /\s+/gu;
const YEAR = /\p{Nd}{4}/u;

/** `9:41 PM - Nov 3, 2016 · Washington, DC`: a place or a count may follow the date, another year not. */
function readShown(
  shown: string | null | undefined,
  input: PostedAtInput,
  id: IdTime | null,
): PrintedDate | null {
  const whole = read(shown, input, id);
  const text = shown?.replace(SPACES, ' ').trim() ?? '';
  const length = whole === null && text.length <= MAX_SHOWN ? datePrefix(text) : null;
  if (length === null || YEAR.test(text.slice(length))) return whole;
  return read(text.slice(0, length), input, id);
}

/** What is longer than a date and a place is prose that was taken for a date. */
const MAX_SHOWN = 100;
const EPOCH = /^\d{10}(?:\d{3})?$/;

/** Also seconds or milliseconds since 1970, which attributes and JSON hold. */
function readAttribute(input: PostedAtInput, id: IdTime | null): PrintedDate | null {
  const text = input.attribute?.trim() ?? '';
  if (!EPOCH.test(text)) return read(input.attribute, input, id);
  const time = new Date(Number(text.padEnd(13, '0')));
  return readDate(time.toISOString());
}

/** The day in UTC where the attribute has a zone, else the day that it says. */
const utcDay = (attribute: PrintedDate | null) =>
  attribute?.instant?.slice(0, 10) ?? attribute?.date ?? null;

function conflictOf(said: Said, input: PostedAtInput): string | null {
  const reasons = [
    printedAgainstId(said),
    attributeAgainstId(said),
    printedAgainstAttribute(said),
    ...tooLate(said, input),
  ];
  const found = reasons.filter((reason) => reason !== null);
  return found.length === 0 ? null : found.join('; ');
}

/** Earliest and latest moment that a calendar day can be, in any zone. */
const dayWindow = (day: string): readonly [number, number] => {
  const midnight = Date.parse(`${day}T00:00:00Z`);
  return [midnight - AHEAD, midnight + DAY + BEHIND];
};

const within = (time: number, [from, to]: readonly [number, number], error: number) =>
  time >= from - error && time < to + error;

function printedAgainstId({ text, id }: Said): string | null {
  if (!text || !id) return null;
  const time = Date.parse(id.instant);
  if (text.instant !== null) return apart(text.instant, id, 'the printed time');
  const days = text.date === null ? text.readings : [text.date];
  if (days.some((day) => within(time, dayWindow(day), id.errorMs))) return null;
  return `the page prints ${days.join(' or ')}, which is not the day of the id (${id.instant}) in any time zone`;
}

function attributeAgainstId({ attribute, id }: Said): string | null {
  if (!attribute || !id) return null;
  if (attribute.instant !== null) return apart(attribute.instant, id, 'the attribute');
  const days = attribute.date === null ? attribute.readings : [attribute.date];
  if (days.some((day) => within(Date.parse(id.instant), dayWindow(day), id.errorMs))) return null;
  return `the attribute says ${days.join(' or ')}, which is not the day of the id (${id.instant}) in any time zone`;
}

/** A printed zone is often wrong, never by more than zones can differ. */
function apart(instant: string, id: IdTime, what: string): string | null {
  const distance = Math.abs(Date.parse(instant) - Date.parse(id.instant));
  if (distance <= AHEAD + BEHIND + id.errorMs) return null;
  return `${what} (${instant}) is ${describe(distance)} from the id's (${id.instant})`;
}

const describe = (ms: number) =>
  ms < 2 * DAY ? `${Math.round(ms / HOUR)} hours` : `${Math.round(ms / DAY)} days`;

function printedAgainstAttribute({ text, attribute }: Said): string | null {
  const day = utcDay(attribute);
  if (!text?.date || day === null || Math.abs(daysBetween(text.date, day)) <= 1) return null;
  return `the page prints ${text.date}, its attribute says ${day}`;
}

function tooLate(said: Said, input: PostedAtInput): (string | null)[] {
  const { id, attribute, text } = said;
  const instant = id?.instant ?? attribute?.instant ?? text?.instant ?? null;
  const day = text?.date ?? attribute?.date ?? null;
  // the earliest moment at which the post can have been made
  const earliest =
    instant !== null
      ? Date.parse(instant) - (id?.errorMs ?? 0)
      : day === null
        ? null
        : dayWindow(day)[0];
  if (earliest === null) return [];
  return [
    laterThan(earliest, input.capturedAt, 'the page was fetched'),
    laterThan(earliest, lastChange(input), 'the article says of itself'),
  ];
}

function lastChange({ articlePublishedAt, articleModifiedAt }: PostedAtInput): string | null {
  const [published, modified] = [articlePublishedAt ?? null, articleModifiedAt ?? null];
  if (published === null || modified === null) return published ?? modified;
  return (latestOf(modified) ?? 0) > (latestOf(published) ?? 0) ? modified : published;
}

/** A day without a time lasts until it has ended everywhere; a time without a zone may be any zone's. */
function latestOf(when: string): number | null {
  const said = readDate(when);
  if (!said?.date) return null;
  if (said.instant !== null)
    return Date.parse(said.instant) + (said.precision === 'min' ? 60_000 : 1000);
  return dayWindow(said.date)[1];
}

function laterThan(earliest: number, when: string | null | undefined, what: string): string | null {
  const latest = when ? latestOf(when) : null;
  if (latest === null || earliest <= latest + SKEW) return null;
  return `the post (${new Date(earliest).toISOString()}) is later than ${what} (${when})`;
}
