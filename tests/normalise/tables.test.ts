/** The committed tables against the running ICU, and the calendars against ICU's. */
import { readFileSync } from 'node:fs';
import { describe, expect, it } from 'vitest';
import { learnTables, renderTables } from '../../scripts/build-date-tables.ts';
import { fromPersian, hijriDays } from '../../src/normalise/calendar.ts';
import { foldWords } from '../../src/normalise/fold.ts';
import { HIJRI_MONTHS, MONTHS, PERSIAN_MONTHS } from '../../src/normalise/tables/months.ts';
import { WEEKDAYS } from '../../src/normalise/tables/weekdays.ts';
import { FILLERS, PERIODS, TABLES_ICU } from '../../src/normalise/tables/words.ts';
import { LONGEST_WORD, lookUp, PHRASE_WORDS } from '../../src/normalise/vocabulary.ts';

const committed = (name: string) =>
  readFileSync(new URL(`../../src/normalise/tables/${name}`, import.meta.url), 'utf8');

describe('the committed tables', () => {
  it('are what the script writes with the ICU that they name; another ICU reports its drift', () => {
    const tables = learnTables();
    const fresh = renderTables(tables);
    if (TABLES_ICU === process.versions['icu']) {
      for (const [name, text] of Object.entries(fresh)) expect(text, name).toBe(committed(name));
      return;
    }
    const words = [tables.months, tables.weekdays, tables.periods, tables.persianMonths].flatMap(
      (t) => [...t.keys()],
    );
    const unknown = [...words, ...tables.fillers].filter((word) => lookUp(word) === null);
    console.warn(
      `ICU ${process.versions['icu']} has ${unknown.length} words that the tables of ICU ${TABLES_ICU} lack: ${unknown.join(', ')}`,
    );
    // drift is reported, not failed; a table that knows less than half of a new ICU is broken
    expect(unknown.length).toBeLessThan(words.length / 2);
  }, 60_000);

  it('hold folded words only, none longer than a look-up tries', () => {
    const words = [
      ...Object.keys(MONTHS),
      ...Object.keys(PERSIAN_MONTHS),
      ...Object.keys(HIJRI_MONTHS),
      ...Object.keys(WEEKDAYS),
      ...Object.keys(PERIODS),
      ...FILLERS,
    ];
    for (const word of words) {
      expect(foldWords(word)).toBe(word);
      expect(word.length).toBeLessThanOrEqual(LONGEST_WORD);
      expect(word.split(' ').length).toBeLessThanOrEqual(PHRASE_WORDS);
    }
  });

  it('name every digit of Unicode', () => {
    for (let code = 0; code <= 0x10_ff_ff; code += 1) {
      const char = String.fromCodePoint(code);
      if (code >= 0xd8_00 && code <= 0xdf_ff) continue;
      if (/\p{Nd}/u.test(char)) expect(foldWords(char), code.toString(16)).toMatch(/^\d$/);
    }
  });
});

describe('the Persian calendar', () => {
  it("gives ICU's day for every day of 2000 to 2050", () => {
    const format = new Intl.DateTimeFormat('en-u-ca-persian-nu-latn', {
      year: 'numeric',
      month: 'numeric',
      day: 'numeric',
      timeZone: 'UTC',
    });
    for (let time = Date.UTC(2000, 0, 1); time < Date.UTC(2051, 0, 1); time += 86_400_000) {
      const parts = Object.fromEntries(
        format.formatToParts(time).map((p) => [p.type, Number.parseInt(p.value, 10)]),
      );
      const day = fromPersian({
        year: parts['year'] ?? 0,
        month: parts['month'] ?? 0,
        day: parts['day'] ?? 0,
      });
      expect(day).toBe(new Date(time).toISOString().slice(0, 10));
    }
  });

  it('has no 30 Esfand in a common year', () => {
    expect(fromPersian({ year: 1400, month: 12, day: 30 })).toBeNull();
    expect(fromPersian({ year: 1399, month: 12, day: 30 })).toBe('2021-03-20');
  });
});

describe('the Islamic calendar', () => {
  it.each(['umalqura', 'civil', 'tbla'])(
    'has the day of Islamic-%s among its readings for every day of 2004 to 2044',
    (variant) => {
      const format = new Intl.DateTimeFormat(`en-u-ca-islamic-${variant}-nu-latn`, {
        ...{ year: 'numeric', month: 'numeric', day: 'numeric', timeZone: 'UTC' },
      });
      for (let time = Date.UTC(2004, 0, 1); time < Date.UTC(2045, 0, 1); time += 86_400_000) {
        const parts = format.formatToParts(time);
        const value = (type: string) => Number(parts.find((part) => part.type === type)?.value);
        const lunar = { year: value('year'), month: value('month'), day: value('day') };
        expect(hijriDays(lunar)).toContain(new Date(time).toISOString().slice(0, 10));
      }
    },
  );
});
