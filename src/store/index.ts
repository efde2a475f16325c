/** The store's door: what workers/ and the CLI use. */

export { type BackupManifest, backup } from './backup.ts';
export { eraseMarked, finishRemovals } from './finish-removals.ts';
export { collectGarbage, type Garbage } from './gc.ts';
export { type Hold, type HoldTarget, hold, listHolds, release } from './holds.ts';
export { importFile } from './import/index.ts';
export { openStore, rebuildStore, type Store, type StoreOptions } from './open.ts';
export { type Removal, type RemovalTarget, remove } from './remove.ts';
export { type Reparsed, type ReparseFilter, reparse } from './reparse.ts';
export { intoDirectory, restore } from './restore.ts';
export { type Retained, retain } from './retention.ts';
export { createWebhookBook } from './webhooks/endpoints.ts';
export { createWebhookOutbox } from './webhooks/outbox.ts';
