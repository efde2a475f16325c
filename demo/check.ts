/** Compares what the store gives back with what must be in it. */
import type { Embed } from '../src/embed.ts';
import type { ArticleDetail } from '../src/reader.ts';
import { type ExpectedPost, expected } from './expected.ts';

export interface Deviation {
  readonly article: string;
  readonly what: string;
}

/** Every embed, in the order of the articles. */
export function preserved(articles: readonly ArticleDetail[]): { embed: Embed; article: string }[] {
  const order = Object.keys(expected);
  return articles
    .map((a) => ({ ...a, name: nameOf(a) }))
    .sort((a, b) => order.indexOf(a.name) - order.indexOf(b.name))
    .flatMap(({ embeds, name }) => embedsOnly(embeds).map((embed) => ({ embed, article: name })));
}

const nameOf = ({ article }: ArticleDetail): string => new URL(article.url).pathname.slice(1);
const embedsOnly = (embeds: readonly Embed[]): Embed[] => embeds.filter((e) => e.role === 'embed');

export function deviations(articles: readonly ArticleDetail[], site: string): Deviation[] {
  const byUrl = new Map(articles.map((a) => [a.article.url, a]));
  return Object.entries(expected).flatMap(([name, want]) => {
    const got = byUrl.get(`${site}/${name}`);
    const problems = got ? compare(got, want) : ['it is not in the store'];
    return problems.map((what) => ({ article: name, what }));
  });
}

function compare(got: ArticleDetail, want: (typeof expected)[string]): string[] {
  const { state, failure } = got.runs[0] ?? { state: 'missing', failure: null };
  const problems: string[] = [];
  if (got.runs.length !== 1) problems.push(`${got.runs.length} runs instead of one`);
  if (state !== want.state)
    problems.push(`is ${state} (${failure?.code ?? 'no error'}), must be ${want.state}`);
  if (want.error && failure?.code !== want.error)
    problems.push(`failed with ${failure?.code}, must be ${want.error}`);
  if (want.state === 'done' && got.captures.length !== 1)
    problems.push(`${got.captures.length} captures instead of one`);
  return [...problems, ...comparePosts(embedsOnly(got.embeds), want.posts)];
}

function comparePosts(got: readonly Embed[], want: readonly ExpectedPost[]): string[] {
  if (got.length !== want.length) return [`${got.length} embeds, must be ${want.length}`];
  return want.flatMap((post, i) => {
    const embed = got[i];
    return embed ? comparePost(embed, post) : [];
  });
}

function comparePost(embed: Embed, want: ExpectedPost): string[] {
  const got: ExpectedPost = {
    platform: embed.platform,
    postId: embed.postId,
    handle: embed.author.handle,
    author: embed.author.name,
    date: embed.postedAt.date,
    pic: embed.media[0]?.display ?? null,
    ...(want.text !== undefined && { text: embed.text ?? '' }),
  };
  return (Object.keys(want) as (keyof ExpectedPost)[])
    .filter((field) => got[field] !== want[field])
    .map(
      (field) =>
        `${field} is ${JSON.stringify(got[field])}, must be ${JSON.stringify(want[field])}`,
    );
}
