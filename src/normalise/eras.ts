/** Years counted by Japanese eras and from the Republic of China's first, written as common years. */

interface Era {
  /** The common year before its first. */
  readonly before: number;
  /** A post is not older than the web; `民國05年` is a cut `105`, not 1916. */
  readonly from: number;
  readonly to: number;
}

const ERAS: ReadonlyMap<string, Era> = new Map([
  ['令和', { before: 2018, from: 1, to: 21 }],
  ['平成', { before: 1988, from: 1, to: 31 }],
  ['昭和', { before: 1925, from: 60, to: 64 }],
  ['民國', { before: 1911, from: 80, to: 139 }],
  ['民国', { before: 1911, from: 80, to: 139 }],
]);
const LETTERS: ReadonlyMap<string, string> = new Map([
  ['r', '令和'],
  ['h', '平成'],
  ['s', '昭和'],
]);

const NAMED = /(?:中華)?(令和|平成|昭和|民國|民国) ?(元|\d{1,3})(?=年|\(\d{4}年?\)年)/gu;
/** `2021年(令和3年)8月28日` says the year twice. */
const TWICE = /(\d{4})年?\((\d{4})年?\)年?/gu;
/** `R3/8/28`, `H28.1.4`: only where the letter begins the text. */
const LETTERED = /^([rhs])(\d{1,2})(?=([./-])\d{1,2}\3\d{1,2}(?!\d))/u;
/** `110年8月28日`: no other count has three digits. */
const BARE_REPUBLICAN = /(?<!\d)(1[0-3]\d)(?=年)/gu;

function common(name: string, count: string): string | null {
  const era = ERAS.get(name);
  const year = count === '元' ? 1 : Number(count);
  return era && year >= era.from && year <= era.to ? String(era.before + year) : null;
}

/** `text` is folded. An era that never had such a year stays as it is, and unread. */
export function withCommonYears(text: string): string {
  const letter = LETTERED.exec(text);
  if (letter) {
    const [all, name = '', count = ''] = letter;
    return `${common(LETTERS.get(name) ?? '', count) ?? all}${text.slice(all.length)}`;
  }
  if (!text.includes('年')) return text;
  return text
    .replace(NAMED, (all, name: string, count: string) => common(name, count) ?? all)
    .replace(BARE_REPUBLICAN, (count) => String(1911 + Number(count)))
    .replace(TWICE, (all, first: string, second: string) =>
      first === second ? `${first}年` : all,
    );
}
