/** What an event of the chain says of rows, put where the checks look for it (vouched.ts). */
import { isDeepStrictEqual } from 'node:util';
import {
  digestsOf,
  includes,
  packed,
  readingKey,
  type ToldChange,
  type ToldRemoval,
  type Vouched,
} from './vouched.ts';

interface Told {
  readonly sha256?: string;
  readonly rawSha256?: string;
  readonly parser?: string;
  readonly embeds?: readonly string[];
  readonly hasBytes?: boolean;
  readonly facts?: string;
  readonly records?: string;
  readonly newPosts?: number;
  readonly page?: string;
  readonly run?: string;
  readonly fields?: readonly string[];
  readonly digest?: string;
  readonly changes?: readonly ToldChange[];
  readonly ordinals?: readonly number[];
  readonly kind?: string;
  readonly target?: string;
  readonly reason?: string;
  readonly since?: string;
  readonly aliases?: readonly string[];
  readonly standing?: boolean;
  readonly plan?: { readonly id: string; readonly due: string };
}

interface Event {
  readonly kind?: unknown;
  readonly at?: unknown;
  readonly runId?: string;
  readonly captureId?: string;
  readonly platform?: string;
  readonly postId?: string;
  readonly detail?: Told | null;
}

/** Takes from an event what it says of rows. */
export function vouch(vouched: Vouched, event: Readonly<Record<string, unknown>>): void {
  for (const digest of removedBy(event, 'sightings')) vouched.removed.set(packed(digest), true);
  for (const id of removedBy(event, 'captures')) {
    if (!vouched.removedCaptures.has(id)) vouched.removedCaptures.set(id, removalIn(event));
  }
  const { runId, captureId, detail } = event as Event;
  const told = typeof detail === 'object' && detail !== null ? detail : {};
  if (runId !== undefined && ABOUT_RUNS.has(String(event['kind'])))
    vouched.runs.set(runId, told.run ?? '');
  if (runId !== undefined && event['kind'] === 'imported') vouched.imported.set(runId, true);
  if (runId !== undefined && told.plan) vouched.plans.set(runId, planKey(told.plan));
  vouchHold(vouched, event as Event);
  vouchTakedown(vouched, event as Event);
  if (typeof captureId !== 'string') return;
  vouchCapture(vouched, { captureId, told, isImport: event['kind'] === 'imported' });
  vouchChanges(vouched, event as Event);
}

/** After each of these a run's row is another. */
const ABOUT_RUNS = new Set(
  ['accepted', 'joined', 'retried', 'captured', 'failed', 'replayed', 'dropped'].concat('imported'),
);

interface OfCapture {
  readonly captureId: string;
  readonly told: Told;
  readonly isImport: boolean;
}

function vouchCapture(vouched: Vouched, { captureId, told, isImport }: OfCapture): void {
  const { sha256, rawSha256, facts, records, newPosts, parser, embeds, page } = told;
  if (sha256 && rawSha256) {
    vouched.captures.set(captureId, {
      ...vouched.captures.get(captureId),
      bodies: digestsOf({ sha256, rawSha256 }),
      ...(facts && { facts }),
      ...(records && { records }),
      ...((!isImport || told.hasBytes) && { isKept: true }),
    });
  }
  if (!parser || !Array.isArray(embeds)) return;
  const reading = { captureId, parser };
  vouchReading(vouched, reading, told);
  const key = readingKey(reading);
  if (page === undefined && vouched.pages.has(key)) return;
  vouched.pages.set(key, { ...(page && { page }), ...(newPosts !== undefined && { newPosts }) });
}

/** Of a sighting that changed its post, and of those that came with an import. */
function vouchChanges(
  vouched: Vouched,
  { kind, captureId = '', platform, postId, detail }: Event,
): void {
  const { parser = '', fields, digest, changes = [] } = detail ?? {};
  const own = kind === 'changed' && platform && postId && fields;
  const told = own ? [{ platform, postId, fields, ...(digest && { digest }) }] : changes;
  if (told.length === 0) return;
  const key = readingKey({ captureId, parser });
  const known = vouched.changes.get(key) ?? [];
  const isNew = (one: ToldChange): boolean => !known.some((other) => isDeepStrictEqual(one, other));
  vouched.changes.set(key, [...known, ...told.filter(isNew)]);
}

/** A takedown that stands is told again for every page that shows the post: those change nothing of it. */
function vouchTakedown(vouched: Vouched, { kind, at, platform, postId, detail }: Event): void {
  if (kind !== 'removed' || !platform || !postId || detail?.standing) return;
  const name = `${platform}/${postId}`;
  const names = [...(vouched.removedPosts.get(name)?.names ?? []), ...(detail?.aliases ?? [])];
  vouched.removedPosts.set(name, { at: String(at), names: [...new Set(names)].toSorted() });
}

export const planKey = ({ id, due }: { id: string; due: string }): string =>
  `${id} ${Date.parse(due)}`;

function vouchHold(vouched: Vouched, { kind, at, detail }: Event): void {
  if ((kind !== 'held' && kind !== 'released') || !detail) return;
  const key = `${detail.kind} ${detail.target}`;
  const before = vouched.holds.get(key) ?? [];
  const { reason = '', since = String(at) } = detail;
  vouched.holds.set(
    key,
    kind === 'held'
      ? [...before, { reason, heldAt: since, releasedAt: null }]
      : before.map((one) => ({ ...one, releasedAt: one.releasedAt ?? since })),
  );
}

function vouchReading(
  { sightings, ordinals }: Vouched,
  reading: { captureId: string; parser: string },
  { embeds = [], ordinals: places, page }: Told,
): void {
  const key = readingKey(reading);
  let digests = sightings.get(key) ?? '';
  const known = [...(ordinals.get(key) ?? [])];
  embeds.map(packed).forEach((digest, index) => {
    if (includes(digests, digest)) return;
    digests += digest;
    known.push(places?.[index] ?? index);
  });
  sightings.set(key, digests);
  // An older embedkeep did not say where: it has no digest of the page either.
  if (page !== undefined) ordinals.set(key, known);
}

function removalIn({ kind, at, detail }: Readonly<Record<string, unknown>>): ToldRemoval {
  const { rule } = detail as { rule?: string };
  return {
    at: kind === 'imported' ? '' : String(at),
    rule: kind === 'expired' ? (rule ?? '') : null,
  };
}

/** What was imported may have been removed before. */
const REMOVES = new Set(['removed', 'expired', 'imported']);

function removedBy(
  event: Readonly<Record<string, unknown>>,
  what: 'sightings' | 'captures',
): readonly string[] {
  if (!REMOVES.has(String(event['kind']))) return [];
  const named = (event['detail'] as Record<string, unknown> | null | undefined)?.[what];
  return Array.isArray(named) ? named : [];
}
