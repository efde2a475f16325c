/** The journal of a backup as the checks read a store: what each link did, with the events that tell of it. */
import { createReadStream } from 'node:fs';
import { readdir } from 'node:fs/promises';
import { join } from 'node:path';
import { GENESIS } from './event-chain.ts';
import { captureIdOf } from './ids.ts';
import type { ImportedRows } from './import/rows.ts';
import { SEGMENT } from './journal.ts';
import { type Deed, decodeEntry, type JournalEntry } from './journal-entry.ts';
import { sightingDigest } from './keep-sightings.ts';
import { REMOVED_FORM } from './redact.ts';
import type { CaptureClaim } from './verify-captures.ts';
import { eventOf } from './verify-chain.ts';
import type { SightingClaim } from './verify-sightings.ts';
import { linesIn } from './verify-source.ts';
import type { StoreView } from './verify-store.ts';
import { vouch } from './vouch.ts';
import { newVouched } from './vouched.ts';

/** A link whose commit failed stands there twice: the later one is what happened. */
async function* entriesOf(folder: string): AsyncGenerator<JournalEntry> {
  let held: JournalEntry | null = null;
  for (const name of (await readdir(folder)).filter((one) => SEGMENT.test(one)).sort()) {
    for await (const line of linesIn(createReadStream(join(folder, name)))) {
      const entry = decodeEntry(line);
      if (!entry) continue;
      if (held && entry.n > held.n) yield held;
      held = entry;
    }
  }
  if (held) yield held;
}

export async function journalView(folder: string): Promise<StoreView> {
  const head = { links: 0, events: 0, hash: GENESIS };
  const removed = newVouched();
  for await (const { n, hash, bodies } of entriesOf(folder)) {
    Object.assign(head, { links: n, hash, events: head.events + bodies.length });
    for (const body of bodies) vouch(removed, eventOf(body));
  }
  return {
    head: () => Promise.resolve(head),
    async *captures() {
      for await (const { deed } of entriesOf(folder)) {
        for (const claim of claimsOf(deed)) {
          const { at, rule } = removed.removedCaptures.get(claim.id) ?? {};
          yield { ...claim, ...(at !== undefined && { removedAt: at, expiredBy: rule ?? null }) };
        }
      }
    },
    async *sightings() {
      for await (const entry of entriesOf(folder)) yield* sightingsOf(entry);
    },
    async *links(after = 0) {
      for await (const { n, at, hash, bodies } of entriesOf(folder)) {
        const rows = bodies.map((body) => ({ body, columns: null }));
        if (n > after) yield { n, at, hash, events: bodies.length, rows };
      }
    },
  };
}

function claimsOf(deed: Deed): CaptureClaim[] {
  if (deed.op === 'import') return deed.captures.map(importedClaim);
  const kept = deed.op === 'finish' ? deed : deed.op === 'fail' ? deed.kept : null;
  if (!kept || (deed.op !== 'finish' && deed.op !== 'fail')) return [];
  const { articleId, runId } = deed;
  const { facts, stored } = kept;
  const { url, finalUrl, fetchedAt, status, truncated, revisitOf } = facts;
  const about = { id: captureIdOf(runId), articleId, runId, stored };
  const {
    parser = null,
    article = null,
    suspected = [],
    truncated: cut = null,
  } = deed.op === 'finish' ? deed.reading : {};
  const page = { article, suspected, truncated: cut };
  const says = { parser, stated: { facts, page, tally: null } };
  return [{ ...about, ...says, url, finalUrl, fetchedAt, status, truncated, revisitOf }];
}

/** A row of an import as it was put into the table. */
function importedClaim(row: ImportedRows['captures'][number]): CaptureClaim {
  const { id, status, truncated = null, revisit_of: revisitOf = null, ...columns } = row;
  const { article_id: articleId, run_id: runId, url, final_url: finalUrl } = columns;
  const { fetched_at: fetchedAt, location, blob_offset: offset, blob_length: length } = columns;
  const { sha256, raw_sha256: rawSha256, size, revisit } = columns;
  const stored = { location, offset, length, sha256, rawSha256, size, revisit };
  const about = { id, articleId, runId, url, finalUrl, fetchedAt, status, truncated, revisitOf };
  return { ...about, stored } as CaptureClaim;
}

/** Of a post that a page shows twice the chain has one: those that its events name, or what is left of them. */
function* sightingsOf({ deed, bodies }: JournalEntry): Generator<SightingClaim> {
  if (deed.op === 'import') {
    yield* deed.sightings;
    return;
  }
  if (!('reading' in deed)) return;
  const captureId = 'captureId' in deed ? deed.captureId : captureIdOf(deed.runId);
  const { parser, embeds } = deed.reading;
  const told = new Set(bodies.flatMap((body) => digestsIn(eventOf(body))));
  let left = told.size;
  for (const embed of embeds) {
    if (!told.delete(sightingDigest(embed))) continue;
    left -= 1;
    yield { captureId, parser, embed };
  }
  for (const embed of embeds) {
    if (embed.form !== REMOVED_FORM || left === 0) continue;
    left -= 1;
    yield { captureId, parser, embed };
  }
}

function digestsIn(event: Readonly<Record<string, unknown>>): string[] {
  const { embeds } = (event['detail'] ?? {}) as { embeds?: string[] };
  return Array.isArray(embeds) ? embeds : [];
}
