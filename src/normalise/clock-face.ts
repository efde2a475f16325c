/** Hour, minute and second as digits and separators show them, without the half of the day. */
import { halfOf, isMark, numberOf, type Tokens } from './clock-words.ts';

export interface Face {
  readonly hour: number;
  readonly minute: number;
  readonly second: number | null;
  readonly count: number;
}

/** Before a time with a dot (`kl. 17.05`), which would be a day and a month otherwise. */
const BEFORE_DOTTED = new Set(['kl', 'klo', 'kello', 'pukul', 'kell', 'ob', 'දින']);
const HOURS = new Set(['h', 'u', '시', '時', '时', '點', '点', 'นาฬิกา', 'น', 'ໂມງ']);
const MINUTES = new Set(['min', '분', '分', 'นาที', 'ນາທີ']);
const SECONDS = new Set(['s', 'sec', '초', '秒', 'วินาที', 'ວິນາທີ']);

export function readFace(tokens: Tokens, i: number): Face | null {
  const hour = numberOf(tokens[i], 1);
  if (hour === null || hour > 23) return null;
  return withColons(tokens, i, hour) ?? withDots(tokens, i, hour) ?? withWords(tokens, i, hour);
}

const sixtieth = (value: number | null): number | null =>
  value !== null && value < 60 ? value : null;

/** `:05` and the like: the mark and two digits, nothing between. */
function part(tokens: Tokens, i: number, mark: string): number | null {
  const apart = tokens[i]?.spaced || tokens[i + 1]?.spaced;
  return isMark(tokens[i], mark) && !apart ? sixtieth(numberOf(tokens[i + 1], 2)) : null;
}

function withColons(tokens: Tokens, i: number, hour: number): Face | null {
  const minute = part(tokens, i + 1, ':');
  if (minute === null) return null;
  const second = part(tokens, i + 3, ':');
  if (second === null) return { hour, minute, second, count: 3 };
  const fraction =
    isMark(tokens[i + 5], '.') && tokens[i + 6]?.kind === 'number' && !tokens[i + 6]?.spaced;
  return { hour, minute, second, count: fraction ? 7 : 5 };
}

/** `17.05` only where a word beside it says that it is a time. */
function withDots(tokens: Tokens, i: number, hour: number): Face | null {
  const minute = part(tokens, i + 1, '.');
  if (minute === null) return null;
  const second = part(tokens, i + 3, '.');
  const count = second === null ? 3 : 5;
  const before = isMark(tokens[i - 1], '.') ? tokens[i - 2] : tokens[i - 1];
  const said = BEFORE_DOTTED.has(before?.text ?? '') || halfOf(before) !== null;
  return said || halfOf(tokens[i + count]) !== null ? { hour, minute, second, count } : null;
}

/** `17 h 05`, `7시 30분 14초`. */
function withWords(tokens: Tokens, i: number, hour: number): Face | null {
  if (!HOURS.has(tokens[i + 1]?.text ?? '')) return null;
  const minute = sixtieth(numberOf(tokens[i + 2], 1));
  if (minute === null) return null;
  if (!MINUTES.has(tokens[i + 3]?.text ?? '')) return { hour, minute, second: null, count: 3 };
  const second = sixtieth(numberOf(tokens[i + 4], 1));
  const named = SECONDS.has(tokens[i + 5]?.text ?? '');
  return { hour, minute, second: named ? second : null, count: named && second !== null ? 6 : 4 };
}
