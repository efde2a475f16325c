/** robots.txt of an origin: fetched once a day for all processes, kept as a note, parsed once a process. */
import { Buffer } from 'node:buffer';
import type { Capture } from '../capture.ts';
import { EmbedkeepError } from '../errors.ts';
import type { PaceStore } from './pace/pace-store.ts';
import { parseRobots, type Robots } from './robots-txt.ts';

/** What is known of an origin's robots.txt. */
export type RobotsAnswer =
  | { readonly kind: 'rules'; readonly robots: Robots; readonly rule: null }
  /** Nothing is forbidden, and why. */
  | { readonly kind: 'open'; readonly rule: string }
  /** Not known and not to be asked again before `until`. */
  | { readonly kind: 'unreachable'; readonly until: number; readonly reason: string };

export interface RobotsCache {
  /** Null where it has to be fetched. */
  known(origin: string): Promise<RobotsAnswer | null>;
  /** Takes in what came for `/robots.txt`. @throws EmbedkeepError ROBOTS_UNREACHABLE */
  learn(origin: string, capture: Capture): Promise<RobotsAnswer>;
  /** Its redirects lead nowhere: as good as no file (RFC 9309 2.3.1.2). */
  learnLost(origin: string, code: string): Promise<RobotsAnswer>;
}

export const MAX_ROBOTS_BYTES = 500 * 1024;
const DAY_MS = 86_400_000;
/** After a 5xx, how long all jobs of the origin leave it alone. */
const UNREACHABLE_MS = 300_000;
const MAX_PARSED = 2000;

/** As kept: `{ text }`, `{ open: 404 }`, `{ open: 'REDIRECT_LOOP' }` or `{ bad: 503 }`, and when it ends. */
interface Note {
  readonly until: number;
  readonly text?: string;
  readonly open?: number | string;
  readonly bad?: string;
}

export function robotsCache(store: PaceStore, product: string): RobotsCache {
  const parsed = new Map<string, { readonly answer: RobotsAnswer; readonly until: number }>();

  const remember = (origin: string, note: Note): RobotsAnswer => {
    if (parsed.size > MAX_PARSED) parsed.clear();
    const answer = toAnswer(note, product);
    parsed.set(origin, { answer, until: note.until });
    return answer;
  };

  const keep = async (origin: string, note: Note): Promise<RobotsAnswer> => {
    await store.writeNote(noteKey(origin), JSON.stringify(note), note.until - Date.now());
    return remember(origin, note);
  };

  return {
    learnLost: (origin, code) => keep(origin, { until: Date.now() + DAY_MS, open: code }),
    known: async (origin) => {
      const mine = parsed.get(origin);
      if (mine && mine.until > Date.now()) return mine.answer;
      const text = await store.readNote(noteKey(origin));
      return text === null ? null : remember(origin, JSON.parse(text) as Note);
    },
    learn: async (origin, capture) => {
      const answer = await keep(origin, toNote(capture));
      if (answer.kind !== 'unreachable') return answer;
      throw new EmbedkeepError('ROBOTS_UNREACHABLE', answer.reason, { detail: { origin } });
    },
  };
}

const noteKey = (origin: string): string => `robots:${origin}`;

function toNote(capture: Capture): Note {
  const status = capture.hops.at(-1)?.status ?? 0;
  const cut = capture.failure && capture.truncated !== 'length';
  if (status === 200 && !cut) {
    const body = Buffer.from(capture.body ?? new Uint8Array()).subarray(0, MAX_ROBOTS_BYTES);
    return { until: Date.now() + DAY_MS, text: body.toString('utf8').toWellFormed() };
  }
  // RFC 9309 2.3.1.3: unavailable (4xx) means all is allowed; 429 is no statement about the file.
  if (status >= 300 && status < 500 && status !== 429) {
    return { until: Date.now() + DAY_MS, open: status };
  }
  return { until: Date.now() + UNREACHABLE_MS, bad: `robots.txt answered ${status}` };
}

function toAnswer(note: Note, product: string): RobotsAnswer {
  if (note.text !== undefined) {
    return { kind: 'rules', robots: parseRobots(note.text, product), rule: null };
  }
  if (note.open !== undefined) return { kind: 'open', rule: `no robots.txt (${note.open})` };
  return { kind: 'unreachable', until: note.until, reason: note.bad ?? 'robots.txt unreachable' };
}
