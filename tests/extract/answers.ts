/** What small pages give, for tables of the engine's rules: each word of a rule on a page that only it decides. */
import { extract } from '../../src/extract/index.ts';
import { page } from './samples.ts';

export const ID = '1431562348571234304';
export const ADDRESS = `https://twitter.com/mara/status/${ID}`;
export const PAGE = 'https://news.example/the-bridge';

/** `embed`, `citation`, `suspected`, each as often as it is in the answer. */
export function answerOf(body: string): string {
  const { embeds, suspected } = extract(page(body), { url: PAGE });
  return [...embeds.map(({ role }) => role), ...suspected.map(() => 'suspected')].join(' ');
}

export const words = (list: string): string[] => list.split(' ');

/** Of each word its page's answer, where that is not the one expected. */
export const unlike = (
  expected: string,
  list: string | readonly string[],
  make: (word: string) => string,
): string[] =>
  (typeof list === 'string' ? words(list) : list)
    .map((word) => `${word}: ${answerOf(make(word))}`)
    .filter((answer) => !answer.endsWith(`: ${expected}`));

const json = (value: unknown): string =>
  `<script type="application/json">${JSON.stringify(value)}</script>`;

export const data = (value: unknown): string => json({ page: value });
