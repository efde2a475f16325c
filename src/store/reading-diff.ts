/** Two readings of the same bytes, field by field: what the newer parser gained, lost and sees otherwise. Pure. */
import type { ArticleMeta, Embed } from '../embed.ts';
import { keyParts } from '../post-key.ts';
import type { PostRow } from '../reader.ts';
import { postIdOf } from './post-identity.ts';

export interface PageReading {
  readonly articleId: string;
  readonly article: ArticleMeta | null;
  readonly embeds: readonly Embed[];
}

type PostName = Pick<PostRow, 'platform' | 'postId' | 'commentId'>;

export interface FieldDiff {
  /** Platform and ids; null where the article itself is meant. */
  readonly post: PostName | null;
  /** `embed` where the whole post is new or gone. */
  readonly field: string;
  readonly kind: 'gained' | 'lost' | 'changed';
  readonly before: unknown;
  readonly after: unknown;
}

const EMBED_FIELDS: readonly (readonly [string, (embed: Embed) => unknown])[] = [
  ['role', (embed) => embed.role],
  ['form', (embed) => embed.form],
  ['url', (embed) => embed.url],
  ['author.name', (embed) => embed.author.name],
  ['author.handle', (embed) => embed.author.handle],
  ['postedAt.date', (embed) => embed.postedAt.date],
  ['postedAt.instant', (embed) => embed.postedAt.instant],
  ['lang', (embed) => embed.lang],
  ['text', (embed) => embed.text],
  ['media', (embed) => (embed.media.length > 0 ? embed.media : null)],
];

const ARTICLE_FIELDS = [
  'canonicalUrl',
  'title',
  'siteName',
  'publishedAt',
  'modifiedAt',
  'authors',
  'lang',
] as const;

export function diffReadings(before: PageReading, after: PageReading): FieldDiff[] {
  const was = byPost(before);
  const is = byPost(after);
  const diffs: FieldDiff[] = [];
  for (const field of ARTICLE_FIELDS) {
    const values = [present(before.article?.[field]), present(after.article?.[field])] as const;
    diffs.push(...compare({ post: null, field: `article.${field}` }, values));
  }
  for (const [key, { post, embed }] of is) {
    const old = was.get(key)?.embed;
    if (old) diffs.push(...diffEmbeds(post, [old, embed]));
    else diffs.push({ post, field: 'embed', kind: 'gained', before: null, after: embed });
  }
  for (const [key, { post, embed }] of was) {
    if (!is.has(key))
      diffs.push({ post, field: 'embed', kind: 'lost', before: embed, after: null });
  }
  return diffs;
}

function diffEmbeds(
  post: FieldDiff['post'],
  [before, after]: readonly [Embed, Embed],
): FieldDiff[] {
  return EMBED_FIELDS.flatMap(([field, read]) =>
    compare({ post, field }, [read(before), read(after)]),
  );
}

function compare(
  where: Pick<FieldDiff, 'post' | 'field'>,
  [before, after]: readonly [unknown, unknown],
): FieldDiff[] {
  if (JSON.stringify(before) === JSON.stringify(after)) return [];
  const kind = before === null ? 'gained' : after === null ? 'lost' : 'changed';
  return [{ ...where, kind, before, after }];
}

const present = (value: unknown): unknown =>
  value === undefined || (Array.isArray(value) && value.length === 0) ? null : value;

function byPost(reading: PageReading) {
  const found = new Map<string, { post: PostName; embed: Embed }>();
  reading.embeds.forEach((embed, ordinal) => {
    const { platform } = embed;
    const name = postIdOf(embed, { articleId: reading.articleId, ordinal });
    const key = `${platform}\u001f${name}`;
    if (!found.has(key)) found.set(key, { post: { platform, ...keyParts(platform, name) }, embed });
  });
  return found;
}
