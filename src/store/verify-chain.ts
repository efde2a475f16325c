/** The event chain: every link recomputed from its events, none missing, none out of place, the head as recorded. */
import { type ChainHead, GENESIS, linkHash } from './event-chain.ts';
import { isFingerprintId } from './post-identity.ts';
import type { NotedInJournal } from './verify-journal.ts';
import type { Inspection } from './verify-report.ts';

/** A link as kept, with its events in order. */
export interface KeptLink {
  readonly n: number;
  readonly at: string;
  /** How many events it says it has. */
  readonly events: number;
  readonly hash: string;
  readonly rows: readonly KeptEvent[];
}

export interface KeptEvent {
  /** The exact JSON that was hashed. */
  readonly body: string;
  /** What the columns beside it say, in the body's names; null where only bodies were exported. */
  readonly columns: Readonly<
    Record<'seq' | 'kind' | 'at' | 'articleId' | 'runId' | 'captureId', unknown>
  > | null;
  /** What the post that it is about is called today. */
  readonly post?: { readonly platform: string; readonly postId: string } | null;
}

export interface Chain {
  /** In the order of `n`. */
  readonly links: AsyncIterable<KeptLink>;
  /** Asked before and after: a store that is written to meanwhile is not damaged by that. */
  readonly head: () => Promise<ChainHead>;
  /** Heads noted elsewhere (journal, export manifests): a chain cut short and resealed shows against them. */
  readonly checkpoints?: readonly Checkpoint[];
  /** One for every link; it is written before the store, so one link more is no damage. */
  readonly journal?: NotedInJournal | null;
}

export interface Checkpoint {
  readonly links: number;
  readonly hash: string;
  /** In words: `the journal`. */
  readonly where: string;
}

/** Hands every intact event to `each`. */
export async function verifyChain(
  chain: Chain,
  inspection: Inspection,
  each: (event: Record<string, unknown>) => void = () => {},
): Promise<void> {
  const before = await chain.head();
  const noted = [...(chain.checkpoints ?? []), { ...before, where: 'the head of the chain' }];
  const checkpoints = Map.groupBy(noted, (checkpoint) => checkpoint.links);
  let hash = GENESIS;
  let n = 0;
  let events = 0;
  for await (const link of chain.links) {
    const where = `link ${link.n} of the event chain`;
    if (link.n !== n + 1) {
      inspection.damage('CHAIN_BROKEN', where, `follows link ${n}: what lay between is missing`);
    }
    const bodies = link.rows.map((row) => row.body);
    if (linkHash(hash, { n: link.n, at: link.at, bodies }) !== link.hash) {
      inspection.damage(
        'CHAIN_BROKEN',
        where,
        'does not match its hash: an event in it or before it was changed, moved, added, dropped or back-dated',
      );
    }
    checkEvents(link, { inspection, events, each });
    const notes = [...(checkpoints.get(link.n) ?? []), ...notesOf(chain.journal, link.n)];
    for (const note of notes.filter((one) => one.hash !== link.hash)) {
      inspection.damage('CHAIN_BROKEN', where, `is not the link that ${note.where} names`);
    }
    // Going on from the stated hash, so that one break is reported once.
    hash = link.hash;
    n = link.n;
    events += link.rows.length;
    inspection.count('links');
    inspection.count('events', link.rows.length);
  }
  const found = { links: n, events, hash };
  checkEnd({ found, after: await chain.head(), noted }, inspection);
  if (chain.journal) checkJournalsEnd(found, chain.journal, inspection);
}

function checkEnd(
  end: { found: ChainHead; after: ChainHead; noted: readonly Checkpoint[] },
  inspection: Inspection,
): void {
  const { found, after, noted } = end;
  for (const { links, where } of noted) {
    if (links > found.links) sayCut(found, { links, where }, inspection);
  }
  const isOlder = after.links < found.links;
  const isOther = after.links === found.links && after.events !== found.events;
  if (isOlder || isOther) {
    inspection.damage(
      'CHAIN_BROKEN',
      'the head of the event chain',
      `names ${after.links} links and ${after.events} events; there are ${found.links} and ${found.events}`,
    );
  }
}

function notesOf(journal: NotedInJournal | null | undefined, n: number) {
  const hash = journal?.hashes.get(String(n));
  return hash === undefined ? [] : [{ hash, where: 'the journal' }];
}

const sayCut = (
  found: ChainHead,
  { links, where }: Pick<Checkpoint, 'links' | 'where'>,
  inspection: Inspection,
): void =>
  inspection.damage(
    'CHAIN_BROKEN',
    'the event chain',
    `ends at link ${found.links}, but ${where} names link ${links}: its end was cut off`,
  );

function checkJournalsEnd(
  found: ChainHead,
  { links, hashes }: NotedInJournal,
  inspection: Inspection,
): void {
  const next = found.links + 1;
  if (hashes.has(String(next))) {
    const what = `has link ${next}, whose commit a crash prevented; the store takes it over when opened`;
    inspection.note('UNCHECKED', 'the journal', what);
  }
  for (let n = next + 1; n <= links; n += 1) {
    if (hashes.has(String(n))) sayCut(found, { links: n, where: 'the journal' }, inspection);
  }
}

function checkEvents(
  link: KeptLink,
  {
    inspection,
    events,
    each,
  }: {
    inspection: Inspection;
    events: number;
    each: (event: Record<string, unknown>) => void;
  },
): void {
  if (link.events !== link.rows.length) {
    inspection.damage(
      'CHAIN_BROKEN',
      `link ${link.n} of the event chain`,
      `should hold ${link.events} events and holds ${link.rows.length}`,
    );
  }
  link.rows.forEach((row, index) => {
    const seq = events + index + 1;
    const where = `event ${seq}`;
    const event = parsed(row.body);
    if (!event) {
      inspection.damage('EVENT_MISMATCH', where, 'is not JSON');
      return;
    }
    if (event['seq'] !== seq)
      inspection.damage('EVENT_MISMATCH', where, `says it is event ${event['seq']}`);
    if (event['at'] !== link.at) {
      inspection.damage('EVENT_MISMATCH', where, `is dated ${event['at']}, its link ${link.at}`);
    }
    for (const what of misfiled(event, row)) inspection.damage('EVENT_MISMATCH', where, what);
    each(event);
  });
}

/** What the columns beside an event say otherwise than it does. */
function* misfiled(event: Record<string, unknown>, row: KeptEvent): Generator<string> {
  for (const [name, value] of Object.entries(row.columns ?? {})) {
    if ((value ?? null) !== (event[name] ?? null))
      yield `is filed under another ${name} than it states`;
  }
  if (isOfAnotherPost(event, row.post)) yield 'is filed under another post than it states';
}

/** Of sightings of a post: these have its row. */
const SEEN = new Set(['seen', 'changed', 'vanished']);

/** One that was known by its words has got its id since. */
function isOfAnotherPost(event: Record<string, unknown>, post: KeptEvent['post']): boolean {
  if (post === undefined) return false;
  if (post === null) return SEEN.has(String(event['kind']));
  if (post.platform !== event['platform']) return true;
  return post.postId !== event['postId'] && !isFingerprintId(String(event['postId']));
}

/** Empty where the body is no event. */
export const eventOf = (body: string): Record<string, unknown> => parsed(body) ?? {};

function parsed(body: string): Record<string, unknown> | null {
  try {
    const value: unknown = JSON.parse(body);
    return typeof value === 'object' && value !== null ? (value as Record<string, unknown>) : null;
  } catch {
    return null;
  }
}
