/** What one extraction carries along: the page, the networks, the claims so far, and how much work is left. */
import type { AnyNode } from 'domhandler';
import type { Evidence, Span, Suspected } from '../embed.ts';
import type { ClaimAddress } from './address.ts';
import type { FlightComponent } from './flight-components.ts';
import type { FindHits } from './markers.ts';
import type { Form, Network, Post } from './network.ts';
import type { Source } from './source.ts';
import type { View } from './view.ts';

/** One copy of a post, as one rule read it at one place. */
export interface Claim {
  readonly network: Network;
  readonly post: Post;
  /** `outside`: in a sidebar, a comment, another article: seen, and left out of the answer. */
  readonly role: 'embed' | 'citation' | 'outside';
  readonly form: Form;
  readonly evidence: Evidence;
  /** Where a node of this copy stands in the page. */
  readonly spanOf: (node: AnyNode) => Span;
}

/** What the page says of itself, for telling its own posts from those of other articles in its data. */
export interface Self {
  readonly url: string | null;
  readonly canonicalUrl: string | null;
  readonly title: string | null;
}

export interface Suspicion extends Suspected {
  /** Whose placeholder it is; none for signs in text. */
  readonly network?: Network;
}

export interface Run {
  readonly source: Source;
  readonly networks: readonly Network[];
  readonly find: FindHits;
  readonly claimAddress: ClaimAddress;
  readonly self: Self;
  readonly budget: Budget;
  readonly claims: Claim[];
  readonly suspected: Suspicion[];
  /** Components that data names for a network; where they are used is read at the end. */
  readonly components: FlightComponent[];
}

const MAX_DEPTH = 6;
const MAX_CLAIMS = 2000;
/** Work is counted in bytes looked at, so that the same page always gives the same answer. */
const WORK_PER_BYTE = 12;
const WORK_BASE = 4 * 1024 * 1024;

export class Budget {
  truncated: string | null = null;
  private left: number;

  constructor(bytes: number) {
    this.left = bytes * WORK_PER_BYTE + WORK_BASE;
  }

  /** Takes the work of reading `bytes`; false where none is left. */
  spend(bytes: number): boolean {
    if (this.left < bytes) {
      this.stop('the page takes more work than its size allows');
      return false;
    }
    this.left -= bytes + 64;
    return true;
  }

  enter(view: View): boolean {
    if (view.depth > MAX_DEPTH) return false;
    return view.depth === 0 || this.spend(view.text.length);
  }

  admits(claims: number): boolean {
    if (claims < MAX_CLAIMS) return true;
    this.stop(`more than ${MAX_CLAIMS} references to posts`);
    return false;
  }

  stop(reason: string): void {
    this.truncated ??= reason;
  }
}
