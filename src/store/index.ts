/** The store's door: what workers/ and the CLI use. */

export { type BackupManifest, backup } from './backup.ts';
export { openStore, rebuildStore, type Store, type StoreOptions } from './open.ts';
export { type Reparsed, type ReparseFilter, reparse } from './reparse.ts';
export { intoDirectory, restore } from './restore.ts';
