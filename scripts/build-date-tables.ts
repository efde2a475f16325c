/**
 * Writes src/normalise/tables/*: the words with which dates are printed, from this Node's ICU.
 * `node scripts/build-date-tables.ts` writes; the tables are committed, so that parsing never asks ICU.
 */
import { writeFileSync } from 'node:fs';
import { fileURLToPath } from 'node:url';
import { foldWords } from '../src/normalise/fold.ts';
import { type Token, tokenise } from '../src/normalise/tokens.ts';

/** The 34 languages of X's widget, those that Instagram and Facebook add, and regions whose month names differ. */
export const LANGUAGES = [
  // X's widget (docs.x.com, x-for-websites/supported-languages)
  ...[
    'en',
    'ar',
    'bn',
    'cs',
    'da',
    'de',
    'el',
    'es',
    'fa',
    'fi',
    'fil',
    'fr',
    'he',
    'hi',
    'hu',
    'id',
    'it',
  ],
  ...['ja', 'ko', 'ms', 'nl', 'nb', 'pl', 'pt', 'ro', 'ru', 'sv', 'th', 'tr', 'uk', 'ur', 'vi'],
  ...['zh-Hans', 'zh-Hant'],
  // Instagram and Facebook besides
  ...[
    'af',
    'am',
    'az',
    'be',
    'bg',
    'bs',
    'ca',
    'et',
    'eu',
    'ga',
    'gl',
    'gu',
    'hr',
    'hy',
    'is',
    'ka',
    'kk',
  ],
  ...[
    'km',
    'kn',
    'lo',
    'lt',
    'lv',
    'mk',
    'ml',
    'mr',
    'my',
    'ne',
    'nn',
    'pa',
    'si',
    'sk',
    'sl',
    'sq',
    'sr',
  ],
  ...['sr-Latn', 'sw', 'ta', 'te', 'zu'],
  // regions with month names or orders of their own
  ...[
    'ar-DZ',
    'ar-LB',
    'ar-MA',
    'ar-TN',
    'de-AT',
    'en-AU',
    'en-GB',
    'en-US',
    'es-MX',
    'es-PE',
    'fr-CA',
  ],
  ...['pt-PT', 'zh-HK'],
];

/** Spellings that real widgets or older CLDR versions print and today's CLDR doesn't. */
const EXTRA_MONTHS: readonly (readonly [string, number, string])[] = [
  ...(
    ['january', 'february', 'march', 'april', 'june', 'july', 'august', 'september'] as const
  ).flatMap((word, i) => [[word.slice(0, 3), i < 4 ? i + 1 : i + 2, 'en'] as const]),
  ['sept', 9, 'en'],
  ['mrz', 3, 'de'],
  ['juni', 6, 'de'],
  ['juli', 7, 'de'],
  ['setiembre', 9, 'es'],
  ['set', 9, 'es'],
  ['জানুয়ারী', 1, 'bn'],
  ['ফেব্রুয়ারী', 2, 'bn'],
  ['আগষ্ট', 8, 'bn'],
  ['जनवरी', 1, 'hi'],
  ['फरवरी', 2, 'hi'],
  ['सितम्बर', 9, 'hi'],
  ['अक्टूबर', 10, 'hi'],
  ['नवम्बर', 11, 'hi'],
  ['दिसम्बर', 12, 'hi'],
];

/** Finnish and Vietnamese months as the widgets of earlier years wrote them, in the order of the year. */
const OLDER_MONTHS: readonly (readonly [lang: string, words: string])[] = [
  ['fi', 'tammik helmik maalisk huhtik toukok kesäk heinäk elok syysk lokak marrask jouluk'],
  [
    'vi',
    'tháng_một tháng_hai tháng_ba tháng_tư tháng_năm tháng_sáu tháng_bảy tháng_tám tháng_chín tháng_mười tháng_mười_một tháng_mười_hai',
  ],
];

/** Words beside the CLDR patterns: ordinals, prepositions and what captions put before a date. */
const EXTRA_FILLERS = [
  'st nd rd th er ere re eme e o a de del den dem der le el il la do di d at on um am om kl klo kello pukul the of',
  'idopont idozona szerint uhr r года году о у в року στις στη στο الساعة ساعت ika ng ngày năm lúc pada',
].join(' ');
/** Those of them that end a date: `28 sierpnia 2021 r.`, `14:05 Uhr`. */
const EXTRA_TRAILING = 'uhr r года року';

/** Greek without its full stops, as Instagram glued it to the time. */
const EXTRA_PERIODS: readonly (readonly [string, number, string])[] = [
  ['πμ', 0, 'el'],
  ['μμ', 1, 'el'],
];

interface Sample {
  readonly lang: string;
  readonly format: Intl.DateTimeFormat;
}

const sampleOf = (lang: string, options: Intl.DateTimeFormatOptions): Sample => ({
  lang,
  format: new Intl.DateTimeFormat(lang, { ...options, timeZone: 'UTC' }),
});

type Words = Map<string, Map<number, Set<string>>>;

export interface Tables {
  readonly months: Words;
  readonly persianMonths: Words;
  readonly hijriMonths: Words;
  readonly weekdays: Words;
  readonly periods: Words;
  readonly fillers: Set<string>;
  readonly trailing: Set<string>;
  readonly monthMarks: Set<string>;
  readonly orders: Map<string, string>;
  /** Languages that put the year before the day where the month has its name. */
  readonly yearFirst: Set<string>;
}

function put(words: Words, word: string, [value, lang]: readonly [number, string]) {
  const values = words.get(word) ?? new Map<number, Set<string>>();
  words.set(word, values);
  values.set(value, (values.get(value) ?? new Set()).add(lang));
}

interface Range {
  readonly type: string;
  readonly start: number;
  readonly end: number;
  readonly digits: boolean;
}

/** The folded date and where each of its parts stands in it. */
function print(sample: Sample, time: number): { line: string; ranges: Range[] } {
  const ranges: Range[] = [];
  let line = '';
  for (const { type, value } of sample.format.formatToParts(time)) {
    const folded = foldWords(value);
    const start = line.length;
    line += folded;
    ranges.push({ type, start, end: line.length, digits: /\d/.test(folded) });
  }
  return { line, ranges };
}

/** Every word of one printed date goes to the table of the part that it overlaps. */
function learn(tables: Tables, sample: Sample, time: number) {
  const { line, ranges } = print(sample, time);
  const lang = sample.lang.replace(/-u-.*$/, '');
  const calendar = CALENDAR.exec(sample.lang)?.[1] ?? 'gregory';
  const words = tokenise(line).filter((token) => token.kind === 'word');
  const month = ranges.find((range) => range.type === 'month');
  const monthWords = words.filter(
    (word) => month && word.start < month.end && month.start < word.end,
  );
  const number = monthNumber(calendar, time);
  const months = { persian: tables.persianMonths, 'islamic-civil': tables.hijriMonths };
  if (month?.digits) for (const word of monthWords) tables.monthMarks.add(word.text);
  else
    learnMonth(calendar in months ? months[calendar as 'persian'] : tables.months, monthWords, [
      number,
      lang,
    ]);
  for (const word of words.filter((w) => !monthWords.includes(w)))
    learnWord(tables, { word, ranges, time, lang });
}

interface Occurrence {
  readonly word: Token;
  readonly ranges: readonly Range[];
  readonly time: number;
  readonly lang: string;
}

function learnWord(tables: Tables, { word, ranges, time, lang }: Occurrence) {
  const date = new Date(time);
  const types = ranges.filter((r) => r.start < word.end && word.start < r.end).map((r) => r.type);
  if (types.includes('weekday')) return put(tables.weekdays, word.text, [date.getUTCDay(), lang]);
  if (types.includes('timeZoneName')) return;
  if (types.includes('dayPeriod'))
    return put(tables.periods, word.text, [date.getUTCHours() < 12 ? 0 : 1, lang]);
  const lastField = Math.max(0, ...ranges.filter((r) => FIELD.test(r.type)).map((r) => r.end));
  tables.fillers.add(word.text);
  if (word.start >= lastField || types.includes('era')) tables.trailing.add(word.text);
}

const FIELD = /^(year|month|day|hour|minute|second)$/;

/** `تشرين الأول`, `Meán Fómhair`: several words name the month together; `d’abril` is a preposition and one. */
function learnMonth(
  table: Words,
  words: readonly { text: string }[],
  meaning: readonly [number, string],
) {
  const [first, ...rest] = words.map((word) => word.text);
  if (first === undefined) return;
  const bare = rest.length > 0 && (first === 'd' || first === 'de') ? rest : [first, ...rest];
  put(table, bare.join(' '), meaning);
}

const CALENDAR = /-ca-(persian|islamic-civil)/;

const monthFormats = new Map(
  ['gregory', 'persian', 'islamic-civil'].map((calendar) => [
    calendar,
    sampleOf(`en-u-ca-${calendar}-nu-latn`, { month: 'numeric' }).format,
  ]),
);
const monthNumber = (calendar: string, time: number) =>
  Number.parseInt(monthFormats.get(calendar)?.format(time) ?? '', 10);

function sampleOptions(): Intl.DateTimeFormatOptions[] {
  const month = ['long', 'short'] as const;
  const dates = month.flatMap((m): Intl.DateTimeFormatOptions[] => [
    { year: 'numeric', month: m, day: 'numeric' },
    { month: m, day: 'numeric' },
    { month: m },
    { weekday: m, year: 'numeric', month: m, day: 'numeric' },
    { weekday: m, month: m, day: 'numeric' },
    { weekday: m },
  ]);
  const styles = (['full', 'long', 'medium'] as const).flatMap(
    (dateStyle): Intl.DateTimeFormatOptions[] => [
      { dateStyle },
      { dateStyle, timeStyle: 'short' },
      { dateStyle, timeStyle: 'short', hour12: true },
    ],
  );
  return [...dates, ...styles];
}

/** The order of a purely numeric date in the language. */
function orderOf(lang: string): string {
  const format = new Intl.DateTimeFormat(`${lang}-u-ca-gregory`, {
    dateStyle: 'short',
    timeZone: 'UTC',
  });
  return format
    .formatToParts(Date.UTC(2021, 7, 28))
    .filter((p) => /^(year|month|day)$/.test(p.type))
    .map((p) => p.type[0])
    .join('');
}

function putsYearFirst(lang: string): boolean {
  const types = sampleOf(`${lang}-u-ca-gregory`, {
    year: '2-digit',
    month: 'short',
    day: 'numeric',
  })
    .format.formatToParts(0)
    .map(({ type }) => type);
  return types.indexOf('year') < types.indexOf('day');
}

/** Days 1 to 7 are every weekday once; the hours lie before and after noon. */
const DAYS_AND_HOURS = [5, 17, 0, 12, 5, 17, 9].map((hour, i) => [i + 1, hour] as const);

function learnLanguage(tables: Tables, lang: string) {
  const locale = `${lang}-u-ca-gregory`;
  tables.orders.set(lang, orderOf(lang));
  if (putsYearFirst(lang)) tables.yearFirst.add(lang);
  for (const sample of sampleOptions().map((options) => sampleOf(locale, options))) {
    for (let month = 0; month < 12; month += 1) {
      for (const [day, hour] of DAYS_AND_HOURS)
        learn(tables, sample, Date.UTC(2021, month, day, hour, 5));
    }
  }
  const clocks = [
    sampleOf(locale, { dateStyle: 'long', timeStyle: 'short', hour12: true }),
    sampleOf(locale, { dateStyle: 'long', timeStyle: 'long' }),
  ];
  for (let hour = 0; hour < 24; hour += 1) {
    for (const clock of clocks) learn(tables, clock, Date.UTC(2021, 0, 1, hour, 5));
  }
}

/** Persian and Islamic months, the Thai era, and the words that ICU doesn't know. */
function learnTheRest(tables: Tables) {
  for (const lang of ['fa', 'fa-AF']) {
    const sample = sampleOf(`${lang}-u-ca-persian`, { dateStyle: 'long' });
    for (let day = 0; day < 366; day += 10) learn(tables, sample, Date.UTC(2021, 0, 1 + day));
  }
  for (const lang of ['ar', 'en', 'fa', 'ur']) {
    const sample = sampleOf(`${lang}-u-ca-islamic-civil`, { dateStyle: 'long' });
    for (let day = 0; day < 366; day += 10) learn(tables, sample, Date.UTC(2021, 0, 1 + day));
  }
  const buddhist = sampleOf('th-u-ca-buddhist', { year: 'numeric', era: 'short' });
  learn(tables, buddhist, Date.UTC(2021, 7, 28));
  for (const [word, month, lang] of EXTRA_MONTHS)
    put(tables.months, foldWords(word), [month, lang]);
  for (const [lang, words] of OLDER_MONTHS) {
    words.split(' ').forEach((word, i) => {
      put(tables.months, foldWords(word).replaceAll('_', ' '), [i + 1, lang]);
    });
  }
  for (const [word, half, lang] of EXTRA_PERIODS)
    put(tables.periods, foldWords(word), [half, lang]);
  for (const word of EXTRA_FILLERS.split(' ')) tables.fillers.add(foldWords(word));
  for (const word of EXTRA_TRAILING.split(' ')) tables.trailing.add(foldWords(word));
}

export function learnTables(): Tables {
  const words = (): Words => new Map();
  const tables: Tables = {
    ...{ months: words(), persianMonths: words(), hijriMonths: words() },
    ...{ weekdays: words(), periods: words(), orders: new Map(), yearFirst: new Set() },
    ...{ fillers: new Set(), trailing: new Set(), monthMarks: new Set() },
  };
  for (const lang of LANGUAGES) learnLanguage(tables, lang);
  learnTheRest(tables);
  return tables;
}

/** Sorted, so that a rebuild with the same ICU gives the same bytes. */
function wordTable(words: Words): string {
  const lines = [...words]
    .sort(([a], [b]) => (a < b ? -1 : 1))
    .map(([word, values]) => {
      const sorted = [...values].sort(([a], [b]) => a - b);
      return `  ${JSON.stringify(word)}: ${JSON.stringify(sorted.map(([v, langs]) => [v, [...langs].sort().join(' ')]))},`;
    });
  return `{\n${lines.join('\n')}\n}`;
}

const list = (words: Set<string>) => JSON.stringify([...words].sort());

export function renderTables(tables: Tables): Record<string, string> {
  const head = `/** Written by scripts/build-date-tables.ts from ICU ${process.versions['icu']}, CLDR ${process.versions['cldr']}: do not edit. */\n`;
  const type = 'Readonly<Record<string, readonly (readonly [number, string])[]>>';
  return {
    'digits.ts': `${head}/** Code points of the digit zero of every script. */\nexport const DIGIT_ZEROS: readonly number[] = ${JSON.stringify(digitZeros())};\n`,
    'months.ts': `${head}/** Folded word: the months that it names, and in which languages. */\nexport const MONTHS: ${type} = ${wordTable(tables.months)};\n\nexport const PERSIAN_MONTHS: ${type} = ${wordTable(tables.persianMonths)};\n\n/** Of the Islamic lunar calendar. */\nexport const HIJRI_MONTHS: ${type} = ${wordTable(tables.hijriMonths)};\n`,
    'weekdays.ts': `${head}/** Folded word: the weekdays that it names (0 is Sunday), and in which languages. */\nexport const WEEKDAYS: ${type} = ${wordTable(tables.weekdays)};\n`,
    'words.ts': [
      `${head}export const TABLES_ICU = '${process.versions['icu']}';\n`,
      `/** Folded word: 0 before noon, 1 after noon. */`,
      `export const PERIODS: ${type} = ${wordTable(tables.periods)};\n`,
      `/** Words that stand in dates and say nothing. */\nexport const FILLERS: readonly string[] = ${list(tables.fillers)};\n`,
      `/** Fillers that can end a date. */\nexport const TRAILING: readonly string[] = ${list(tables.trailing)};\n`,
      `/** Words that make the number beside them a month. */\nexport const MONTH_MARKS: readonly string[] = ${list(tables.monthMarks)};\n`,
      `/** Languages that put the year before the day where the month has its name. */\nexport const YEAR_FIRST: readonly string[] = ${list(tables.yearFirst)};\n`,
      '/** Order of a purely numeric date. */',
      `export const ORDERS: Readonly<Record<string, string>> = ${JSON.stringify(Object.fromEntries([...tables.orders].sort()), null, 2)};\n`,
    ].join('\n'),
  };
}

function digitZeros(): number[] {
  const zeros: number[] = [];
  for (let code = 0; code <= 0x10_ff_ff; code += 1) {
    if (code >= 0xd8_00 && code <= 0xdf_ff) continue;
    // Unicode promises runs of ten in ascending order
    if (/\p{Nd}/u.test(String.fromCodePoint(code))) {
      zeros.push(code);
      code += 9;
    }
  }
  return zeros;
}

if (process.argv[1] === fileURLToPath(import.meta.url)) {
  const folder = new URL('../src/normalise/tables/', import.meta.url);
  for (const [name, text] of Object.entries(renderTables(learnTables()))) {
    writeFileSync(new URL(name, folder), text);
  }
}
