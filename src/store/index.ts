/** The store's door: what workers/ and the CLI use. */
export { openStore, type Store, type StoreOptions } from './open.ts';
