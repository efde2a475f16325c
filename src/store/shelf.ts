/**
 * A map of any size in little memory: beyond some two megabytes SQLite keeps it in a temporary file that has no name, so that
 * nothing of it is left behind however the process ends. For checks and exports that must hold everything against everything.
 */
import { DatabaseSync, type StatementSync } from 'node:sqlite';

/** A Map does for what is small. */
export interface Shelf<V> {
  get(key: string): V | undefined;
  has(key: string): boolean;
  set(key: string, value: V): unknown;
  entries(): Iterable<[key: string, value: V]>;
}

/** In KiB. Keys of digests and record ids come in any order, so less would be read from the disk again and again. */
const CACHE = 2048;

export class DiskShelf<V> implements Shelf<V> {
  readonly #db = new DatabaseSync('');
  readonly #get: StatementSync;
  readonly #has: StatementSync;
  readonly #set: StatementSync;
  readonly #add: StatementSync;
  readonly #all: StatementSync;

  constructor() {
    this.#db.exec(`
      pragma journal_mode = off; pragma synchronous = off; pragma cache_size = -${CACHE};
      create table shelf (key text primary key, value text) without rowid;
      begin`);
    this.#get = this.#db.prepare('select value from shelf where key = ?');
    this.#has = this.#db.prepare('select 1 from shelf where key = ?');
    this.#set = this.#db.prepare('insert or replace into shelf values (?, ?)');
    this.#add = this.#db.prepare('insert or ignore into shelf values (?, ?)');
    this.#all = this.#db.prepare('select key, value from shelf order by key');
  }

  get(key: string): V | undefined {
    const row = this.#get.get(key);
    return row === undefined ? undefined : (JSON.parse(String(row['value'])) as V);
  }

  has(key: string): boolean {
    return this.#has.get(key) !== undefined;
  }

  set(key: string, value: V): void {
    this.#set.run(key, JSON.stringify(value));
  }

  /** False where the key was there already; its value stays. */
  add(key: string, value: V): boolean {
    return this.#add.run(key, JSON.stringify(value)).changes === 1;
  }

  /** In the order of the keys' UTF-8. Nothing may be put on the shelf meanwhile. */
  *entries(): Generator<[key: string, value: V], undefined> {
    for (const { key, value } of this.#all.iterate()) {
      yield [String(key), JSON.parse(String(value)) as V];
    }
  }

  close(): void {
    this.#db.close();
  }
}
