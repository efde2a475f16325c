/** Commands that read: list, show. */
import { EXIT } from '../exit-codes.ts';
import { postKey } from '../post-key.ts';
import type { ArticleDetail, ArticleRow, Page, PostDetail, PostRow } from '../reader.ts';
import { query, type Server } from './connect.ts';
import { printJson, table } from './output.ts';

export interface ListFlags {
  readonly json?: boolean;
  readonly state?: string;
  readonly host?: string;
  readonly tag?: string;
  readonly reference?: string;
  readonly error?: string;
  readonly since?: string;
  readonly limit?: number;
  readonly cursor?: string;
  readonly posts?: boolean;
  readonly platform?: string;
  readonly handle?: string;
  readonly search?: string;
}

export function list(server: Server, flags: ListFlags): Promise<number> {
  return flags.posts ? listPosts(server, flags) : listArticles(server, flags);
}

async function listArticles(server: Server, flags: ListFlags): Promise<number> {
  const { state, host, tag, reference, error, since, limit, cursor } = flags;
  const page = await server.get<Page<ArticleRow>>(
    `/v1/articles${query({ state, host, tag, reference, error, since, limit, cursor })}`,
  );
  if (flags.json) printJson(page);
  else process.stdout.write(`${articlesTable(page.items)}\n${more(page)}`);
  return EXIT.ok;
}

const articlesTable = (rows: readonly ArticleRow[]): string =>
  table(rows, [
    { head: 'state', of: (a) => a.run.state },
    { head: 'article', of: (a) => a.id.slice(0, 12) },
    { head: 'url', of: (a) => a.url, most: 70 },
    { head: 'captures', of: (a) => a.captures },
    { head: 'attempts', of: (a) => a.run.attempts },
    { head: 'why', of: (a) => a.run.failure?.code ?? a.run.waitReason },
  ]);

async function listPosts(server: Server, flags: ListFlags): Promise<number> {
  const { platform, handle, search: q, limit, cursor } = flags;
  const page = await server.get<Page<PostRow>>(
    `/v1/posts${query({ platform, handle, q, limit, cursor })}`,
  );
  if (flags.json) printJson(page);
  else process.stdout.write(`${postsTable(page.items)}\n${more(page)}`);
  return EXIT.ok;
}

const postsTable = (rows: readonly PostRow[]): string =>
  table(rows, [
    { head: 'platform', of: (p) => p.platform },
    { head: 'post', of: postKey },
    { head: 'handle', of: (p) => p.author.handle },
    { head: 'author', of: (p) => p.author.name, most: 24 },
    { head: 'date', of: (p) => p.postedAt.date ?? p.postedAt.instant?.slice(0, 10) ?? null },
    { head: 'text', of: (p) => p.text, most: 60 },
  ]);

const more = (page: Page<unknown>): string => (page.next ? `more: --cursor ${page.next}\n` : '');

/** Shows an article (by URL, id or its first digits) or a post (`x/1431…`). */
export async function show(server: Server, what: string, json: boolean): Promise<number> {
  const post = POST.exec(what);
  if (post) {
    const { platform = '', id = '' } = post.groups ?? {};
    const detail = await server.get<PostDetail>(`/v1/posts/${platform}/${encodeURIComponent(id)}`);
    if (json) printJson(detail);
    else process.stdout.write(postText(detail));
    return EXIT.ok;
  }
  const detail = await server.get<ArticleDetail>(`/v1/articles/${encodeURIComponent(what)}`);
  if (json) printJson(detail);
  else process.stdout.write(`${articleText(detail)}\n`);
  return EXIT.ok;
}

const POST = /^(?<platform>[a-z]+)\/(?<id>.+)$/;

export function articleText({ article, runs, captures, embeds }: ArticleDetail): string {
  const [run] = runs;
  const head = [
    article.title ?? article.url,
    article.url,
    `article ${article.id}`,
    run &&
      `state   ${run.state}, ${run.attempts} attempts${run.failure ? `, ${run.failure.code}: ${run.failure.message}` : ''}`,
    run?.nextAt &&
      run.state === 'waiting' &&
      `waits   until ${run.nextAt}: ${run.waitReason ?? 'another attempt'}`,
    ...captures.map(
      (c) => `capture ${c.id}  ${c.fetchedAt}  ${c.status}  sha256 ${c.stored.sha256}`,
    ),
  ];
  const posts = table(embeds, [
    { head: 'platform', of: (e) => e.platform },
    { head: 'handle', of: (e) => e.author.handle },
    { head: 'author', of: (e) => e.author.name, most: 24 },
    { head: 'date', of: (e) => e.postedAt.date ?? e.postedAt.instant?.slice(0, 10) ?? null },
    { head: 'pic link', of: (e) => e.media[0]?.display ?? null },
    { head: 'form', of: (e) => e.form },
    { head: 'conf.', of: (e) => e.confidence },
    { head: 'text', of: (e) => e.text, most: 50 },
  ]);
  return `${head.filter(Boolean).join('\n')}\n${embeds.length > 0 ? posts : 'no embedded posts'}\n`;
}

function postText({ post, sightings }: PostDetail): string {
  const lines = [
    `${post.author.name ?? 'unknown author'}  ${post.author.handle ? `@${post.author.handle}` : ''}`,
    post.text ?? 'text unknown',
    `posted  ${post.postedAt.instant ?? post.postedAt.date ?? 'unknown'}`,
    post.url ?? 'no address known',
    ...post.media.map((m) => `media   ${m.display}  ${m.url ?? ''}`),
    ...sightings.map(
      (s) => `seen    ${s.capturedAt}  ${s.articleUrl}  (${s.embed.form}, ${s.embed.confidence})`,
    ),
  ];
  return `${lines.join('\n')}\n`;
}
