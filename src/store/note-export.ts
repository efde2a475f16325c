/** An export in the event chain: what left the store, when, and the digest of it. */
import type { ExportNote } from '../upkeep.ts';
import { appendLink } from './event-chain.ts';
import type { StoreWorld } from './tables.ts';
import { cleaned } from './well-formed.ts';

export const noteExport = (note: ExportNote, world: StoreWorld): Promise<void> =>
  world.db.transaction().execute((trx) => {
    const events = [{ kind: 'exported' as const, detail: { ...cleaned(note) } }];
    return appendLink(trx, { events, now: world.now(), deed: { op: 'note' } }, world.journal);
  });
