/** Options that several commands share. */
import { InvalidArgumentError, Option } from 'commander';

export const count = (text: string): number => {
  const n = Number(text);
  if (!Number.isSafeInteger(n) || n < 1) throw new InvalidArgumentError('a whole number from 1');
  return n;
};
export const gather = (value: string, before: string[] = []): string[] => [...before, value];
export const json = (): Option => new Option('--json', 'JSON for machines');
/** Indented, as commander's own help is. */
export const examples = (...lines: string[]): string =>
  `\nExamples:\n${lines.map((line) => `  ${line}`).join('\n')}`;
