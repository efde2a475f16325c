/** Where the archive asks whether it has kept a body before. */
import { sql } from 'kysely';
import type { StoredBody } from '../src/capture.ts';
import type { Store } from '../src/store/index.ts';

export interface StoredBodies {
  findBody(sha256: string): Promise<StoredBody | null>;
  bodyOfCapture(captureId: string): Promise<StoredBody | null>;
}

export function storedBodies({ reader, db }: Pick<Store, 'reader' | 'db'>): StoredBodies {
  return {
    async findBody(sha256) {
      const { rows } = await sql<{ id: string }>`
        select id from embedkeep.captures where sha256 = ${sha256} and not revisit and removed_at is null
        order by id limit 1`.execute(db);
      return rows[0] ? ((await reader.capture(rows[0].id))?.stored ?? null) : null;
    },
    bodyOfCapture: async (id) => {
      const capture = await reader.capture(id);
      return capture && !capture.removedAt ? capture.stored : null;
    },
  };
}
