/** What a caller asks of one fetch. */
import type { CaptureReason, Exchange, Validators } from '../capture.ts';

export interface FetchOptions {
  readonly reason: CaptureReason;
  readonly validators?: Validators | null;
  readonly signal?: AbortSignal;
  /** What the capture says about robots.txt. */
  readonly robotsRule?: string;
  /** Redirects of an earlier try, to go on from instead of asking for them again. */
  readonly resume?: readonly Exchange[] | undefined;
  /** Asked before each redirect is followed; what it throws ends the fetch. Answers the robots rule of that URL. */
  readonly beforeHop?: (next: string, hops: readonly Exchange[]) => Promise<string | undefined>;
  /** robots.txt and the like: any content type is the page, nothing is judged. */
  readonly anyType?: boolean;
  /** Less than `maxBodyBytes`, for robots.txt. */
  readonly maxBytes?: number;
}
