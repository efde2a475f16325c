/** An iteration of which the next item can be looked at before it is taken. */
export class Ahead<T> {
  readonly #items: AsyncIterator<T>;
  #next: IteratorResult<T> | null = null;

  constructor(items: AsyncIterable<T>) {
    this.#items = items[Symbol.asyncIterator]();
  }

  async peek(): Promise<T | null> {
    this.#next ??= await this.#items.next();
    return this.#next.done ? null : this.#next.value;
  }

  async take(): Promise<T | null> {
    const item = await this.peek();
    this.#next = item === null ? this.#next : null;
    return item;
  }

  async takeWhile(is: (item: T) => boolean): Promise<T[]> {
    const taken: T[] = [];
    for (let item = await this.peek(); item !== null && is(item); item = await this.peek()) {
      taken.push(item);
      this.#next = null;
    }
    return taken;
  }
}
