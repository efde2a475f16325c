/** Copies of the same post become one embed: each field from its best copy, with where it was read. */
import type { ArticleMeta, Embed, Source as FieldSource, Media, PostedAt } from '../embed.ts';
import { idInstant } from '../normalise/ids.ts';
import { postedAt } from '../normalise/posted-at.ts';
import { CONFIDENCE, TRUST } from './forms.ts';
import type { Found, Post } from './network.ts';
import type { Claim } from './run.ts';

export interface Circumstances {
  readonly article: ArticleMeta;
  readonly capturedAt: string | null;
}

type FieldName = 'name' | 'handle' | 'date' | 'datetime' | 'text' | 'lang' | 'media';

interface Best<T> {
  readonly value: T;
  readonly source: FieldSource;
  readonly claim: Claim;
}

export function assemble(copies: readonly Claim[], around: Circumstances): Embed {
  const ranked = [...copies].sort((a, b) => rank(a) - rank(b));
  const main = ranked[0] as Claim;
  const sources: Record<string, FieldSource> = {};
  const pick = <T>(field: FieldName, as: string): T | null => {
    const best = bestOf<T>(ranked, field);
    if (best) sources[as] = best.source;
    return best?.value ?? null;
  };
  const ref = ranked.find((claim) => claim.post.ref)?.post.ref ?? null;
  const name = pick<string>('name', 'author.name');
  const handle = pick<string>('handle', 'author.handle') ?? handleOfAddress(ranked, sources);
  const text = pick<string>('text', 'text');
  const lang = pick<string>('lang', 'lang');
  const media = pick<readonly Media[]>('media', 'media') ?? [];
  const date = pick<string>('date', 'postedAt.text');
  const datetime = pick<string>('datetime', 'postedAt.attribute');
  const { network } = main;
  const when = timeOf(
    { platform: network.name, postId: ref?.postId ?? null, date, datetime, lang },
    around,
  );
  if (ref) sources['postId'] = idSource(ranked);
  const conflicts = contradictions(ranked);
  if (conflicts.length > 0)
    sources['conflict'] = { rule: 'copies', start: null, end: null, reason: conflicts.join('; ') };
  const certainty =
    CONFIDENCE[main.form] *
    (main.post.certainty ?? 1) *
    (conflicts.length > 0 || when.conflict ? 0.7 : 1);
  return {
    role: copies.some((claim) => claim.role === 'embed') ? 'embed' : 'citation',
    platform: network.name,
    postId: ref?.postId ?? null,
    commentId: ref?.commentId ?? null,
    url: ref && (network.permalink ? network.permalink(ref, handle) : ref.url),
    author: { name, handle },
    postedAt: when,
    lang,
    text,
    media: [...media],
    form: main.form,
    confidence: Math.round(certainty * 1000) / 1000,
    evidence: main.evidence,
    sources,
  };
}

/** An embed before a citation, then the form that carries most, then the copy with more fields. */
function rank(claim: Claim): number {
  const role = claim.role === 'embed' ? 0 : 1000;
  return role + TRUST.indexOf(claim.form) * 10 - richness(claim.post) * 8;
}

const richness = (post: Post): number =>
  [post.name, post.handle, post.text, post.date, post.datetime, post.media].filter(Boolean).length;

function bestOf<T>(ranked: readonly Claim[], field: FieldName): Best<T> | null {
  for (const claim of ranked) {
    const found = claim.post[field] as Found<T> | null | undefined;
    if (found) return { value: found.value, source: sourceOf(claim, found), claim };
  }
  return null;
}

function sourceOf(claim: Claim, found: Found<unknown>): FieldSource {
  const span = found.node ? claim.spanOf(found.node) : claim.evidence;
  return {
    rule: found.rule,
    start: span.start,
    end: span.end,
    ...(found.reason && { reason: found.reason }),
  };
}

const idSource = (ranked: readonly Claim[]): FieldSource => {
  const claim = ranked.find((copy) => copy.post.ref) as Claim;
  return { rule: claim.form, start: claim.evidence.start, end: claim.evidence.end };
};

function handleOfAddress(
  ranked: readonly Claim[],
  sources: Record<string, FieldSource>,
): string | null {
  const refs = ranked.flatMap((claim) => (claim.post.ref ? [{ ref: claim.post.ref, claim }] : []));
  const shown = refs.find(({ ref }) => ref.handle !== null);
  const refused = refs.find(({ ref }) => ref.handleReason);
  const from = shown ?? refused;
  if (!from) return null;
  const { start, end } = from.claim.evidence;
  const reason = shown ? undefined : from.ref.handleReason;
  sources['author.handle'] = { rule: 'permalink', start, end, ...(reason && { reason }) };
  return shown?.ref.handle ?? null;
}

function timeOf(
  said: {
    platform: string;
    postId: string | null;
    date: string | null;
    datetime: string | null;
    lang: string | null;
  },
  around: Circumstances,
): PostedAt {
  return postedAt({
    text: said.date,
    attribute: said.datetime,
    idTime: idInstant(said.platform, said.postId),
    langs: [said.lang, around.article.lang].filter((lang) => lang !== null),
    capturedAt: around.capturedAt,
    articlePublishedAt: around.article.publishedAt,
    articleModifiedAt: around.article.modifiedAt,
  });
}

const squeeze = (text: string): string => text.toLowerCase().replace(/[^\p{L}\p{N}]+/gu, '');

/** Copies that cannot both be right: another author, or a text that is not a shortened form of the other. */
function contradictions(ranked: readonly Claim[]): string[] {
  const reasons: string[] = [];
  const handles = new Set(
    ranked.map((claim) => claim.post.handle?.value.toLowerCase()).filter(Boolean),
  );
  if (handles.size > 1) reasons.push(`copies name different authors: ${[...handles].join(', ')}`);
  const texts = ranked
    .map((claim) => squeeze(claim.post.text?.value ?? ''))
    .filter((text) => text.length > 20);
  const [first, ...others] = texts;
  if (
    first &&
    others.some(
      (text) => !text.startsWith(first.slice(0, 20)) && !first.startsWith(text.slice(0, 20)),
    )
  ) {
    reasons.push('copies show different texts');
  }
  return reasons;
}
