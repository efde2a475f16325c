/** Days of the Persian and the Islamic calendar as Gregorian ones, within the years of social networks. */
import { type Day, fromPersian, hijriDays } from './calendar.ts';

/** Up to 2045; what is later is the Islamic calendar's or no year. */
const PERSIAN = { from: 1279, to: 1424 } as const;
/** 2004 to 2048. */
const HIJRI = { from: 1424, to: 1470 } as const;

const within = (year: number, { from, to }: { from: number; to: number }): boolean =>
  year >= from && year <= to;

function parts(iso: string | null): Day | null {
  const [year, month, day] = (iso ?? '').split('-').map(Number);
  return year && month && day ? { year, month, day } : null;
}

export const persianDay = (solar: Day): Day | null =>
  within(solar.year, PERSIAN) ? parts(fromPersian(solar)) : null;

/** All that the day can be: the printing calendars differ by up to three days, and a text does not say which it is of. */
export const hijriReadings = (lunar: Day): Day[] =>
  within(lunar.year, HIJRI)
    ? hijriDays(lunar)
        .map(parts)
        .filter((day) => day !== null)
    : [];
