/** What is not final yet, for waiting and for telling. */
import type { ArticleRow, Page } from '../../src/reader.ts';
import type { Embedkeep } from '../support/embedkeep.ts';

/** Some of what is not final. Not from `/v1/stats`, whose counts are held for a while where they were slow. */
export async function openOf(server: Embedkeep, limit: number): Promise<ArticleRow[]> {
  const pages = ['accepted', 'running', 'waiting'].map((state) =>
    server.get<Page<ArticleRow>>(`/v1/articles?state=${state}&limit=${limit}`),
  );
  return (await Promise.all(pages)).flatMap(({ items }) => items);
}

/** Why nothing goes on. */
export async function tellOpen(server: Embedkeep): Promise<void> {
  for (const { run } of await openOf(server, 3)) {
    process.stdout.write(`open: ${JSON.stringify(run)}\n`);
  }
}
