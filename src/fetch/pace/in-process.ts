/** The pace of hosts for one process alone. */
import { freshHost, give, type HostState, take } from './host-state.ts';
import type { PaceStore } from './pace-store.ts';

export function inProcessPace(clock: () => number = Date.now): PaceStore {
  const hosts = new Map<string, HostState>();
  const notes = new Map<string, { readonly text: string; readonly until: number }>();
  const stateOf = (key: string): HostState => hosts.get(key) ?? freshHost;

  return {
    take: (key, order) => {
      const [state, turn] = take(stateOf(key), order, clock());
      hosts.set(key, state);
      return Promise.resolve(turn);
    },
    give: (key, order) => {
      hosts.set(key, give(stateOf(key), order, clock()));
      return Promise.resolve();
    },
    learnCrawlDelay: (key, crawlDelayMs) => {
      hosts.set(key, { ...stateOf(key), crawlDelayMs });
      return Promise.resolve();
    },
    peek: (key) => Promise.resolve({ state: stateOf(key), now: clock() }),
    readNote: (key) => {
      const note = notes.get(key);
      return Promise.resolve(note && note.until > clock() ? note.text : null);
    },
    writeNote: (key, text, ttlMs) => {
      if (notes.size > MAX_NOTES) notes.clear();
      notes.set(key, { text, until: clock() + ttlMs });
      return Promise.resolve();
    },
  };
}

/** Forgetting them all costs a robots.txt each; remembering half a million hosts costs the process. */
const MAX_NOTES = 10_000;
