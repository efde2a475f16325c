/** A machine-readable moment of an article, with the zone that the page gives. */
import { isoDay } from './calendar.ts';
import { readDate } from './date.ts';

const WITH_ZONE =
  /^(\d{4})-(\d\d)-(\d\d)[T ](\d\d):(\d\d)(?::(\d\d)(\.\d{1,9})?)? ?(Z|[+-]\d\d(?::?\d\d)?)$/i;
/** What content systems print for "never". */
const NEVER = new Set(['1970-01-01', '1969-12-31', '0001-01-01', '1900-01-01']);
const EARLIEST_YEAR = 1900;

/** RFC 3339 where time and zone are known, else YYYY-MM-DD; a time in an unknown zone is worth its day only. */
export function readMoment(raw: string, langs: readonly string[]): string | null {
  const text = raw.trim();
  const read = readDate(text, { langs });
  if (!read?.date || NEVER.has(read.date) || Number(read.date.slice(0, 4)) < EARLIEST_YEAR)
    return null;
  if (read.instant === null) return read.date;
  return keepZone(text) ?? read.instant;
}

function keepZone(text: string): string | null {
  const match = WITH_ZONE.exec(text);
  if (!match) return null;
  const [, year, month, day, hour, minute, second = '00', fraction = '', zone = 'Z'] = match;
  if (isoDay({ year: Number(year), month: Number(month), day: Number(day) }) === null) return null;
  const digits = zone.slice(1).replace(':', '').padEnd(4, '0');
  const offset =
    zone.toUpperCase() === 'Z' ? 'Z' : `${zone.charAt(0)}${digits.slice(0, 2)}:${digits.slice(2)}`;
  return `${year}-${month}-${day}T${hour}:${minute}:${second}${fraction}${offset}`;
}
