/** Days as `YYYY-MM-DD` and the calendars that pages print: Gregorian, Thai Buddhist, Persian solar, Islamic lunar. */

const DAY_MS = 86_400_000;

export interface Day {
  readonly year: number;
  readonly month: number;
  readonly day: number;
}

const pad = (value: number, width: number) => String(value).padStart(width, '0');

const LENGTHS = [31, 28, 31, 30, 31, 30, 31, 31, 30, 31, 30, 31];
const isLeap = (year: number) => year % 4 === 0 && (year % 100 !== 0 || year % 400 === 0);
const lengthOf = (year: number, month: number) =>
  month === 2 && isLeap(year) ? 29 : (LENGTHS[month - 1] ?? 0);

/** Null where the calendar has no such day. */
export function isoDay({ year, month, day }: Day): string | null {
  if (!(year >= 1 && year <= 9999 && day >= 1 && day <= lengthOf(year, month))) return null;
  return `${pad(year, 4)}-${pad(month, 2)}-${pad(day, 2)}`;
}

/** 0 is Sunday. */
export function weekdayOf(iso: string): number {
  return new Date(`${iso}T00:00:00Z`).getUTCDay();
}

/** Whole days from `a` to `b`. */
export function daysBetween(a: string, b: string): number {
  return (Date.parse(`${b}T00:00:00Z`) - Date.parse(`${a}T00:00:00Z`)) / DAY_MS;
}

/** Days before 1 Farvardin of year 1 in days since 1970-01-01 (Julian day 1 948 320 is its first day). */
const PERSIAN_EPOCH_DAYS = 1_948_320 - 2_440_588;

const persianLeap = (year: number) => (25 * year + 11) % 33 < 8;

/**
 * The solar Hijri day as a Gregorian one, by the 33-year rule, which gives the official calendar's
 * days for all years of social networks (a test compares it with ICU day by day).
 */
export function fromPersian({ year, month, day }: Day): string | null {
  const length = month <= 6 ? 31 : month <= 11 || persianLeap(year) ? 30 : 29;
  if (month < 1 || month > 12 || day < 1 || day > length) return null;
  const before = 365 * (year - 1) + Math.floor((8 * year + 21) / 33);
  const inYear = month <= 7 ? 31 * (month - 1) : 30 * (month - 1) + 6;
  const days = PERSIAN_EPOCH_DAYS + before + inYear + day - 1;
  return new Date(days * DAY_MS).toISOString().slice(0, 10);
}

/** Days before 1 Muharram of year 1 by the tabular calendar with its epoch in the evening of 18 July 622. */
const HIJRI_EPOCH_DAYS = 1_948_440 - 2_440_588;

/**
 * All Gregorian days that an Islamic day can be. Umm al-Qura, the tabular calendar and the sighted moon differ: of the
 * days of 2004 to 2044 Umm al-Qura's lie between two before the tabular one and one after (a test holds it with ICU).
 */
export function hijriDays({ year, month, day }: Day): string[] {
  if (month < 1 || month > 12 || day < 1 || day > 30) return [];
  const before = 354 * (year - 1) + Math.floor((11 * year + 3) / 30);
  const inYear = 29 * (month - 1) + Math.floor(month / 2);
  const days = HIJRI_EPOCH_DAYS + before + inYear + day - 1;
  return [-2, -1, 0, 1].map((by) => new Date((days + by) * DAY_MS).toISOString().slice(0, 10));
}
