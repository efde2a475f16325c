/** How many elements of each name are open, so that a stray end tag costs nothing. */

const SLOTS = 256;

/** A slot for most names, a map for the rest. */
export class NameCounter {
  private readonly slotName = new Int32Array(SLOTS);
  private readonly slotCount = new Int32Array(SLOTS);
  private readonly others = new Map<number, number>();

  /** How many of the name are open once `change` is added. */
  counted(name: number, change: number): number {
    const slot = name & (SLOTS - 1);
    if (this.slotName[slot] === 0) this.slotName[slot] = name;
    // 0 is the mark of a free slot: a name with that code counts among the others.
    if (this.slotName[slot] === name && name !== 0) {
      const count = (this.slotCount[slot] as number) + change;
      this.slotCount[slot] = count;
      return count;
    }
    const count = (this.others.get(name) ?? 0) + change;
    if (change !== 0) this.others.set(name, count);
    return count;
  }
}
