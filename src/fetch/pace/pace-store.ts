/** Where the pace of hosts is kept, for all worker processes together. Each call is atomic. */
import type { GiveOrder, HostState, TakeOrder, Turn } from './host-state.ts';

export interface PaceStore {
  take(key: string, order: TakeOrder): Promise<Turn>;
  give(key: string, order: GiveOrder): Promise<void>;
  learnCrawlDelay(key: string, crawlDelayMs: number): Promise<void>;
  /** With the store's clock. */
  peek(key: string): Promise<{ readonly state: HostState; readonly now: number }>;
  /** Small things that all processes share for a while: robots.txt, redirects half followed. */
  readNote(key: string): Promise<string | null>;
  writeNote(key: string, text: string, ttlMs: number): Promise<void>;
}
