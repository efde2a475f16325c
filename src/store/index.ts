/** The store's door: what workers/ and the CLI use. */
export { openStore, rebuildStore, type Store, type StoreOptions } from './open.ts';
export { type Reparsed, type ReparseFilter, reparse } from './reparse.ts';
