/**
 * What the store shows of each post against its sightings, which the event chain vouches for: nothing that none of them says, and
 * no words missing that one of them has. Posts are met first, then their sightings, in whatever order they come.
 */
import { hash } from 'node:crypto';
import type { Embed } from '../embed.ts';
import { FIELDS, isOfAnother, type Shown, unitsOf } from './post-units.ts';
import { REMOVED_FORM } from './redact-embed.ts';
import { DiskShelf } from './shelf.ts';
import { type Inspection, plural } from './verify-report.ts';

export interface PostClaim {
  /** By which sightings name it. */
  readonly key: string;
  /** `platform/post`. */
  readonly name: string;
  readonly shown: Shown;
}

export interface SeenPost {
  readonly embed: Embed;
  /** By the parser that read its capture last: what an older one saw may be gone from the post. */
  readonly isCurrent: boolean;
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
  readonly problem: string | null;
}

const digestOf = (unit: string): string => hash('sha256', unit, 'base64').slice(0, 12);
const LOST = 'shows no words, although a sighting of it has them';

export class PostLedger {
  readonly #open = new DiskShelf<Open>();
  readonly #strays = new DiskShelf<string>();
  readonly #view: PostView;

  constructor(view: PostView) {
    this.#view = view;
  }

  async meetPosts(inspection: Inspection): Promise<void> {
    for await (const { key, ...post } of this.#view.posts()) {
      inspection.count('posts');
      if (this.#open.add(key, openOf(post))) continue;
      inspection.damage('POST_MISMATCH', `post ${post.name}`, 'is there twice');
    }
  }

  meet(key: string, seen: SeenPost): void {
    const open = this.#open.get(key);
    if (!open) this.#strays.add(key, `${seen.embed.platform}/${seen.embed.postId}`);
    else {
      const after = openAfter(open, seen);
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
  }

  close(): void {
    this.#open.close();
    this.#strays.close();
  }

  /** Whoever is writing meanwhile may have come between the post and its sightings. */
  async #problemNow(key: string, problem: string): Promise<string | null> {
    if (!this.#view.again) return problem;
    const found = await this.#view.again(key);
    if (!found) return null;
    return problemOf(found.seen.reduce(openAfter, openOf(found.post)));
  }
}

function openOf({ name, shown }: Pick<PostClaim, 'name' | 'shown'>): Open {
  const left = unitsOf(shown).map((unit) => (unit === null ? '' : digestOf(unit)));
  return { name, left, isSilent: shown.text === null, problem: null };
}

function openAfter(open: Open, { embed, isCurrent }: SeenPost): Open {
  const { name, isSilent } = open;
  if (isOfAnother(embed, name)) {
    return { ...open, problem: `is said to be seen where ${embed.platform}/${embed.postId} was` };
  }
  const isLive = isCurrent && embed.form !== REMOVED_FORM && embed.text !== null;
  if (isSilent && isLive) return { ...open, problem: LOST };
  if (open.left.every((digest) => digest === '')) return open;
  const units = unitsOf(embed);
  const left = open.left.map((digest, at) => {
    const unit = units[at] ?? null;
    return digest !== '' && unit !== null && digestOf(unit) === digest ? '' : digest;
  });
  return { ...open, left };
}

function problemOf({ left, problem }: Open): string | null {
  const unsaid = FIELDS.filter((_, at) => left[at] !== '');
  if (problem !== null || unsaid.length === 0) return problem;
  return `shows ${plural(unsaid.length, 'field')} that no sighting of it says: ${unsaid.join(', ')}`;
}
