/** The README is part of the product: its tables must say what the code says. */
import { readFileSync } from 'node:fs';
import path from 'node:path';
import { expect, it } from 'vitest';
import { settings } from '../src/config.ts';
import { errors } from '../src/errors.ts';

const readme = readFileSync(path.join(import.meta.dirname, '../README.md'), 'utf8');
const rows = (heading: string): string[][] => {
  const section = readme.split(`\n## ${heading}\n`)[1]?.split('\n## ')[0] ?? '';
  return section
    .split('\n')
    .filter((line) => line.startsWith('| `'))
    .map((line) => line.split('|').map((cell) => cell.trim().replace(/^`|`$/g, '')));
};

it('lists every setting with its default', () => {
  const documented = Object.fromEntries(
    rows('Settings').map(([, name, byDefault]) => [name, byDefault]),
  );
  const actual = Object.fromEntries(
    Object.entries(settings).map(([name, schema]) => {
      const value: unknown = schema.safeParse(undefined).data;
      return [name, value === undefined || Array.isArray(value) ? '' : String(value)];
    }),
  );
  expect(documented).toEqual(actual);
});

it('lists every error code, whether it is retried, and what to do', () => {
  const documented = Object.fromEntries(
    rows('Error codes').map(([, code, retried, advice]) => [code, [retried, advice]]),
  );
  const actual = Object.fromEntries(
    Object.entries(errors).map(([code, { retry, advice }]) => [
      code,
      [retry ? 'yes' : 'no', advice],
    ]),
  );
  expect(documented).toEqual(actual);
});

it('names no file that is not there', () => {
  const links = [...readme.matchAll(/\]\((?!https?:)([^)#]+)\)/g)].map(
    ([, target]) => target ?? '',
  );
  const missing = links.filter((target) => {
    try {
      readFileSync(path.join(import.meta.dirname, '..', target));
      return false;
    } catch {
      return true;
    }
  });
  expect(missing).toEqual([]);
});
