/**
 * What the store shows of each post against its sightings, which the event chain vouches for: nothing that none of them says, and
 * no words missing that one of them has. Posts are met first, then their sightings, in whatever order they come.
 */
import { hash } from 'node:crypto';
import { isDeepStrictEqual } from 'node:util';
import type { Embed } from '../embed.ts';
import { runIdOf } from './ids.ts';
import { FIELDS, isOfAnother, type Shown, unitsOf } from './post-units.ts';
import { REMOVED_FORM } from './redact-embed.ts';
import { DiskShelf } from './shelf.ts';
import { type Inspection, plural } from './verify-report.ts';
import type { Vouched } from './vouched.ts';
import { saysPost } from './wacz-schema.ts';

export interface PostClaim {
  /** By which sightings name it. */
  readonly key: string;
  /** `platform/post`. */
  readonly name: string;
  readonly shown: Shown;
  readonly seen: { readonly firstSeenAt: string; readonly lastSeenAt: string };
  /** When its words were taken down. */
  readonly removedAt?: string | null;
  /** What the database says a second time; absent in exports. */
  readonly columns?: {
    readonly postedDate: string | null;
    readonly removedNames: readonly string[];
  };
}

export interface SeenPost {
  readonly embed: Embed;
  /** By the parser that read its capture last: what an older one saw may be gone from the post. */
  readonly isCurrent: boolean;
  readonly captureId: string;
  /** When its capture was fetched. */
  readonly at: string;
}

export interface PostView {
  posts(): AsyncIterable<PostClaim>;
  /** The post with its sightings as of one moment; absent where nobody writes meanwhile. */
  again?(key: string): Promise<{ post: PostClaim; seen: readonly SeenPost[] } | null>;
}

/** A post's fields as digests; empty where nothing is shown, or where a sighting that says so was met. */
interface Open {
  readonly name: string;
  readonly left: readonly string[];
  readonly isSilent: boolean;
  readonly isImported: boolean;
  readonly problem: string | null;
}

const digestOf = (unit: string): string => hash('sha256', unit, 'base64').slice(0, 12);
const LOST = 'shows no words, although a sighting of it has them';

export interface PostCheck {
  readonly vouched: Vouched;
  /** What was added to the chain since `vouched`: the store may be written to meanwhile. */
  readonly later: () => Promise<Vouched>;
}

export class PostLedger {
  readonly #open = new DiskShelf<Open>();
  readonly #strays = new DiskShelf<string>();
  /** Posts whose takedown is not as the chain tells it; whether they were imported shows later. */
  readonly #doubtful = new DiskShelf<string>();
  readonly #view: PostView;
  readonly #check: PostCheck;

  constructor(view: PostView, check: PostCheck) {
    this.#view = view;
    this.#check = check;
  }

  async meetPosts(inspection: Inspection): Promise<void> {
    for await (const post of this.#view.posts()) {
      inspection.count('posts');
      if (!saysPost({ platform: '', ...post.shown })) {
        inspection.damage('POST_MISMATCH', `post ${post.name}`, 'does not have the fields of one');
        continue;
      }
      if (!this.#open.add(post.key, openOf(post))) {
        inspection.damage('POST_MISMATCH', `post ${post.name}`, 'is there twice');
      }
      const { vouched, later } = this.#check;
      if (isTakenAsTold(post, vouched)) continue;
      if (!isTakenAsTold(post, await later())) this.#doubtful.add(post.key, post.name);
    }
  }

  meet(key: string, seen: SeenPost): void {
    const open = this.#open.get(key);
    if (!open) this.#strays.add(key, `${seen.embed.platform}/${seen.embed.postId}`);
    else {
      const after = openAfter(open, this.#withSource(seen));
      if (after !== open) this.#open.set(key, after);
    }
  }

  /** Call it when all sightings were met. */
  async report(inspection: Inspection): Promise<void> {
    const say = (name: string, problem: string): void =>
      inspection.damage('POST_MISMATCH', `post ${name}`, problem);
    for (const [key, name] of this.#strays.entries()) {
      const now = await this.#problemNow(key, 'was seen and is not there');
      if (now) say(name, now);
    }
    for (const [key, open] of this.#open.entries()) {
      const problem = problemOf(open);
      const now = problem && (await this.#problemNow(key, problem));
      if (now) say(open.name, now);
    }
    for (const [key, name] of this.#doubtful.entries()) {
      if (!this.#open.get(key)?.isImported)
        say(name, 'was taken down otherwise than its events say');
    }
  }

  close(): void {
    for (const shelf of [this.#open, this.#strays, this.#doubtful]) shelf.close();
  }

  /** Whoever is writing meanwhile may have come between the post and its sightings. */
  async #problemNow(key: string, problem: string): Promise<string | null> {
    if (!this.#view.again) return problem;
    const found = await this.#view.again(key);
    if (!found) return null;
    const said = [{ platform: '', ...found.post.shown }, ...found.seen.map(({ embed }) => embed)];
    if (!said.every(saysPost)) return problem;
    const seen = found.seen.map((one) => this.#withSource(one));
    return problemOf(seen.reduce(openAfter, openOf(found.post)));
  }

  #withSource(seen: SeenPost): Sourced {
    return { ...seen, isImported: this.#check.vouched.imported.has(runIdOf(seen.captureId)) };
  }
}

type Sourced = SeenPost & { readonly isImported: boolean };

function isTakenAsTold({ name, removedAt = null, columns }: PostClaim, told: Vouched): boolean {
  const taken = told.removedPosts.get(name);
  if (!taken || removedAt === null) {
    return !taken && removedAt === null && (columns?.removedNames.length ?? 0) === 0;
  }
  const names = columns?.removedNames.toSorted() ?? taken.names;
  return Date.parse(removedAt) === Date.parse(taken.at) && isDeepStrictEqual(names, taken.names);
}

const TIMES = ['firstSeenAt', 'lastSeenAt'] as const;
const timeUnit = (at: string): string => digestOf(`at ${Date.parse(at)}`);

function openOf({ name, shown, seen, columns }: PostClaim): Open {
  const left = unitsOf(shown).map((unit) => (unit === null ? '' : digestOf(unit)));
  const times = TIMES.map((field) => timeUnit(seen[field]));
  const isDated = columns === undefined || columns.postedDate === shown.postedAt.date;
  const problem = isDated ? null : 'is filed under another date than it shows';
  const isSilent = shown.text === null;
  return { name, left: [...left, ...times], isSilent, isImported: false, problem };
}

/** Of an imported post the other store may have seen more than came along. */
function openAfter(open: Open, { embed, isCurrent, at, isImported: isForeign }: Sourced): Open {
  const { name, isSilent } = open;
  if (isOfAnother(embed, name)) {
    return { ...open, problem: `is said to be seen where ${embed.platform}/${embed.postId} was` };
  }
  const isLive = isCurrent && embed.form !== REMOVED_FORM && embed.text !== null;
  if (isSilent && isLive) return { ...open, problem: LOST };
  const isImported = open.isImported || isForeign;
  if (isImported === open.isImported && open.left.every((digest) => digest === '')) return open;
  const units = unitsOf(embed);
  const left = open.left.map((digest, index) => {
    if (digest === '') return '';
    if (index >= FIELDS.length) return isImported || digest === timeUnit(at) ? '' : digest;
    const unit = units[index] ?? null;
    return unit !== null && digestOf(unit) === digest ? '' : digest;
  });
  return { ...open, left, isImported };
}

function problemOf({ left, problem }: Open): string | null {
  const unsaid = [...FIELDS, ...TIMES].filter((_, at) => left[at] !== '');
  if (problem !== null || unsaid.length === 0) return problem;
  return `shows ${plural(unsaid.length, 'field')} that no sighting of it says: ${unsaid.join(', ')}`;
}
