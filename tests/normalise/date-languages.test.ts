/** CLDR's dates as literal strings, and random days of every language as the running ICU prints them. */
import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { LANGUAGES } from '../../scripts/build-date-tables.ts';
import { readDate } from '../../src/normalise/date.ts';
import { TABLES_ICU } from '../../src/normalise/tables/words.ts';
import { CLDR_DATES } from './cldr-dates.ts';

describe('a date as CLDR writes it (no real fixture known)', () => {
  it.each(CLDR_DATES)('%s: %s', (lang, text) => {
    expect(readDate(text, { langs: [lang] })?.date).toBe('2021-08-28');
  });

  it.each(CLDR_DATES)('%s: %s, without knowing the language', (_, text) => {
    expect(readDate(text)?.date).toBe('2021-08-28');
  });
});

const STYLES: readonly Intl.DateTimeFormatOptions[] = [
  { dateStyle: 'long' },
  { dateStyle: 'full' },
  { dateStyle: 'medium' },
  { year: 'numeric', month: 'short', day: 'numeric', weekday: 'short' },
  { dateStyle: 'long', timeStyle: 'short' },
  { dateStyle: 'full', timeStyle: 'medium' },
  { dateStyle: 'medium', timeStyle: 'short', hour12: true },
  { dateStyle: 'full', timeStyle: 'long', hour12: true },
];
const CALENDARS = new Map([
  ['th', ['buddhist']],
  ['fa', ['persian']],
  ['ja', ['japanese']],
]);
/** Dates that need not be read, but never misread: two digits for the year, numbers alone, the Islamic calendars. */
const DOUBTFUL: readonly Intl.DateTimeFormatOptions[] = [
  { dateStyle: 'short' },
  { year: '2-digit', month: 'short', day: 'numeric' },
  { year: '2-digit', month: 'long', day: 'numeric', weekday: 'long' },
];

function formatsOf(lang: string): Intl.DateTimeFormat[] {
  const calendars = ['gregory', ...(CALENDARS.get(lang) ?? [])];
  const digits = ['latn', 'native'];
  return calendars.flatMap((calendar) =>
    digits.flatMap((numbers) =>
      STYLES.map(
        (style) =>
          new Intl.DateTimeFormat(`${lang}-u-ca-${calendar}-nu-${numbers}`, {
            ...style,
            timeZone: 'UTC',
          }),
      ),
    ),
  );
}

function doubtfulOf(lang: string): Intl.DateTimeFormat[] {
  const islamic = lang.startsWith('ar') ? ['islamic-umalqura', 'islamic-civil'] : [];
  const plain = ['gregory', ...(CALENDARS.get(lang) ?? [])];
  const named = (calendar: string, style: Intl.DateTimeFormatOptions): Intl.DateTimeFormat =>
    new Intl.DateTimeFormat(`${lang}-u-ca-${calendar}`, { ...style, timeZone: 'UTC' });
  return [
    ...plain.flatMap((calendar) => DOUBTFUL.map((style) => named(calendar, style))),
    ...islamic.flatMap((calendar) =>
      [...DOUBTFUL, ...STYLES].map((style) => named(calendar, style)),
    ),
  ];
}

/** From the first post of any network to beyond this program's life. */
const DAYS = fc.date({
  min: new Date('2006-03-21T00:00:00Z'),
  max: new Date('2039-12-31T23:59:59Z'),
  noInvalidDate: true,
});

describe('random days', () => {
  it.each(LANGUAGES.map((lang) => [lang]))('are read back in %s in every style', (lang) => {
    const formats = formatsOf(lang);
    fc.assert(
      fc.property(DAYS, fc.constantFrom(...formats), (date, format) => {
        const text = format.format(date);
        const day = date.toISOString().slice(0, 10);
        const read = readDate(text, { langs: [lang] });
        // another ICU may print new words: unread is drift (tables.test.ts reports it), misread never is
        if (read === null && TABLES_ICU !== process.versions['icu']) return;
        // `en` alone leaves the order of numbers open; nothing else may
        expect({ text, day: read?.date }).toEqual({ text, day });
      }),
      { numRuns: 150 },
    );
  });

  it.each(LANGUAGES.map((lang) => [lang]))('are never misread in %s, however short', (lang) => {
    const formats = doubtfulOf(lang);
    fc.assert(
      fc.property(DAYS, fc.constantFrom(...formats), (date, format) => {
        const text = format.format(date);
        const day = date.toISOString().slice(0, 10);
        const read = readDate(text, { langs: [lang] });
        const days = read === null ? [day] : read.date === null ? read.readings : [read.date];
        expect(days, text).toContain(day);
      }),
      { numRuns: 100 },
    );
  });

  it.each(LANGUAGES.map((lang) => [lang]))('are never misread in %s without its name', (lang) => {
    const formats = formatsOf(lang);
    fc.assert(
      fc.property(DAYS, fc.constantFrom(...formats), (date, format) => {
        const text = format.format(date);
        const day = date.toISOString().slice(0, 10);
        const read = readDate(text);
        const days = read === null ? [day] : read.date === null ? read.readings : [read.date];
        expect(days, text).toContain(day);
      }),
      { numRuns: 100 },
    );
  });
});
