/** What commands print: a readable table on a terminal, JSON for machines, errors on stderr. */
import { styleText } from 'node:util';
import { toFailure } from '../errors.ts';
import { exitCodeOf } from '../exit-codes.ts';

/** Writes what went wrong to stderr and answers the exit code for it. */
export function reportError(thrown: unknown, json: boolean): number {
  const failure = toFailure(thrown);
  const { code, message, detail } = failure;
  const { retryAfterSeconds } = detail;
  const wait = typeof retryAfterSeconds === 'number' ? { retryAfterSeconds } : {};
  const line = json
    ? JSON.stringify({ error: { code, message, ...wait } })
    : `${styleText('red', code, { stream: process.stderr })}  ${message}`;
  process.stderr.write(`${line}\n`);
  return exitCodeOf(failure.code);
}

export const printJson = (value: unknown): void => {
  process.stdout.write(`${JSON.stringify(value, null, process.stdout.isTTY ? 2 : 0)}\n`);
};

export interface Column<T> {
  readonly head: string;
  readonly of: (row: T) => string | number | null;
  /** Cut to this many columns. */
  readonly most?: number;
}

/** A table whose columns are as wide as their widest cell; unknown is shown as `–`. */
export function table<T>(rows: readonly T[], columns: readonly Column<T>[]): string {
  const cells = rows.map((row) => columns.map((c) => cell(c.of(row), c.most ?? 60)));
  const widths = columns.map((c, i) =>
    Math.max(width(c.head), ...cells.map((line) => width(line[i] ?? ''))),
  );
  const render = (line: readonly string[]): string =>
    line
      .map((text, i) => text + ' '.repeat(Math.max(0, (widths[i] ?? 0) - width(text))))
      .join('  ')
      .trimEnd();
  const head = styleText('bold', render(columns.map((c) => c.head)), { stream: process.stdout });
  return [head, ...cells.map(render)].join('\n');
}

// Page text reaches a terminal here: control characters (ESC above all) must not.
const CONTROL = /\p{Cc}|\p{Cf}/gu;
export const printable = (text: string): string => text.replace(CONTROL, '');
const SPACES = /\s+/g;

function cell(value: string | number | null, most: number): string {
  const text = value === null || value === '' ? '–' : printable(String(value).replace(SPACES, ' '));
  const chars = [...text];
  return chars.length > most ? `${chars.slice(0, most - 1).join('')}…` : text;
}

const WIDE =
  /\p{Script=Han}|\p{Script=Hiragana}|\p{Script=Katakana}|\p{Script=Hangul}|\p{Emoji_Presentation}/u;
const MARK = /\p{M}/u;
const width = (text: string): number => {
  let columns = 0;
  for (const char of text) if (!MARK.test(char)) columns += WIDE.test(char) ? 2 : 1;
  return columns;
};
