/** Which parts of a page are not the article: sidebars, footers, comments, timelines, related articles. */
import type { Structure } from './scan.ts';
import { nameOf } from './scan.ts';
import type { View } from './view.ts';

const UNKNOWN = 0;
const INSIDE = 1;
const OUTSIDE = 2;
const OUTSIDE_TAGS = new Set(['footer', 'nav']);

export class Regions {
  private readonly memo: Uint8Array;
  private readonly view: View;
  private readonly structure: Structure;

  constructor(view: View, structure: Structure) {
    this.view = view;
    this.structure = structure;
    this.memo = new Uint8Array(structure.count);
  }

  /** Whether the element (or text directly in it) stands outside the article. */
  outside(index: number): boolean {
    if (this.view.setting.outside) return true;
    const path: number[] = [];
    let at = index;
    while (at >= 0 && this.memo[at] === UNKNOWN) {
      path.push(at);
      at = this.structure.parent[at] ?? -1;
    }
    let state = at < 0 ? INSIDE : (this.memo[at] ?? INSIDE);
    for (const element of path.reverse()) {
      if (state === INSIDE && this.borders(element)) state = OUTSIDE;
      this.memo[element] = state;
    }
    return state === OUTSIDE;
  }

  /** Whether the element begins a part that is not the article. */
  private borders(index: number): boolean {
    const name = nameOf(this.view.text, this.structure, index);
    return OUTSIDE_TAGS.has(name);
  }
}
