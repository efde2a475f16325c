/** A set of row numbers, a bit each: a million of them are 125 KB, where a Set would take 40 MB. */
export class RowSet {
  #bits = new Uint8Array(1024);

  /** False where it was there already. */
  add(row: number): boolean {
    const at = Math.floor(row / 8);
    if (at >= this.#bits.length) {
      const larger = new Uint8Array(Math.max(at + 1, this.#bits.length * 2));
      larger.set(this.#bits);
      this.#bits = larger;
    }
    const bit = 1 << (row % 8);
    const byte = this.#bits[at] ?? 0;
    this.#bits[at] = byte | bit;
    return (byte & bit) === 0;
  }
}
