/**
 * Where a page's paragraphs stand. Themes name the box that holds the article after the sidebar beside it
 * (`<div class="container right-sidebar">`): what holds most of the paragraphs is no sidebar, whatever it is called.
 */
import { code } from './element-names.ts';
import type { Structure } from './scan.ts';

const P = code('p');
/** A post's own paragraphs, and those of lists of readers' comments, are not what an article is made of. */
const QUOTED = new Set(['blockquote', 'li', 'dd'].map(code));
/** Fewer are no text to speak of. */
const ENOUGH = 4;

export class Paragraphs {
  private readonly starts: readonly number[];

  constructor({ name, parent, start, count }: Structure) {
    const starts: number[] = [];
    const names = name.subarray(0, count);
    for (let at = names.indexOf(P); at >= 0; at = names.indexOf(P, at + 1)) {
      if (!QUOTED.has(name[parent[at] ?? -1] ?? 0)) starts.push(start[at] ?? 0);
    }
    this.starts = starts;
  }

  /** Whether more than half of them stand between the offsets. */
  mostIn(from: number, to: number): boolean {
    const inside = this.countIn(from, to);
    return inside >= ENOUGH && inside * 2 > this.starts.length;
  }

  countIn(from: number, to: number): number {
    return this.before(to) - this.before(from);
  }

  private before(offset: number): number {
    let low = 0;
    let high = this.starts.length;
    while (low < high) {
      const middle = (low + high) >> 1;
      if ((this.starts[middle] ?? 0) < offset) low = middle + 1;
      else high = middle;
    }
    return low;
  }
}
