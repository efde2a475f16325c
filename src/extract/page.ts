/** Walks the markers of a view in document order and gives each to who can read it: a tag, a text, a script, a comment. */

import type { Hits } from './hits.ts';
import { readLink, readQuoteInside } from './links.ts';
import { nameOf, placesOf, SPOT_RAW, SPOT_TAG, SPOT_TEXT } from './places.ts';
import { readRaw } from './raw.ts';
import { Regions } from './regions.ts';
import { readHtmlResidue } from './residue.ts';
import { readByRules } from './rules.ts';
import type { Run } from './run.ts';
import type { Structure } from './scan.ts';
import { sweep } from './sweep.ts';
import { readTag, type Tag } from './tag.ts';
import { readText } from './text.ts';
import { claimTypedElement } from './typed-element.ts';
import type { View } from './view.ts';

/** A view with its structure, and what in it has been taken already. */
export interface Page {
  readonly run: Run;
  readonly view: View;
  readonly structure: Structure;
  readonly regions: Regions;
  /** Elements whose post has been read: what stands inside is theirs. */
  readonly taken: Taken;
  /** Where the last text read began, up to where it was looked at, and up to where a feed's text holds no tag. */
  readonly textRun: { start: number; from: number; plain: number };
  /** Blockquotes tried for the sake of a link in them. */
  readonly tried: Set<number>;
  readonly hits: Hits;
  /** Reads a view taken out of this one; the hits where it is a plain part of it. */
  readonly read: ReadView;
  readonly tagOf: (index: number) => Tag;
}

export interface Taken {
  end: number;
  /** Its key; null: ignored with everything inside. */
  post: string | null;
  ignored: boolean;
}

export interface Spot {
  readonly holder: number;
  readonly kind: number;
  /** The first hit. */
  readonly from: number;
  readonly hits: readonly number[];
  /** Indices of the networks whose markers stand here. */
  readonly networks: ReadonlySet<number>;
}

export type ReadView = (view: View, hits?: Hits) => void;

export function readView(run: Run, view: View, hits?: Hits): void {
  if (!run.budget.enter(view)) return;
  const found = hits ?? run.find(view.text, view.bytes);
  readHits(run, view, found);
  if (found.signed.length > 0) readHtmlResidue(run, view, found.signed);
}

export function readHits(run: Run, view: View, hits: Hits): void {
  if (hits.full) run.budget.stop('more markers of networks than are looked at');
  if (hits.count === 0) return;
  const structure = view.structure();
  if (structure.truncated) run.budget.stop('the page has more elements than are looked at');
  const page = { ...open(run, view, structure), hits };
  for (const spot of spots(page)) readSpot(page, spot);
}

/** The hits, gathered by what holds them. */
function* spots({ view, structure, hits }: Page): Generator<Spot> {
  const places = placesOf(structure, hits.at);
  for (let i = 0; i < hits.count; ) {
    const holder = places.holder[i] ?? -1;
    const kind = places.spot[i] ?? 0;
    const border = kind === SPOT_TEXT ? borderOf(view.text, hits.at[i] ?? 0) : view.text.length;
    const networks = new Set<number>();
    const at: number[] = [];
    do {
      networks.add(hits.network[i] ?? -1);
      at.push(hits.at[i] ?? 0);
      i++;
    } while (places.holder[i] === holder && places.spot[i] === kind && (hits.at[i] ?? 0) < border);
    yield { holder, kind, networks, hits: at, from: at[0] ?? 0 };
  }
}

/** Text runs end at the next tag. */
const borderOf = (text: string, at: number): number => {
  const next = text.indexOf('<', at);
  return next < 0 ? text.length : next;
};

function open(run: Run, view: View, structure: Structure): Omit<Page, 'hits'> {
  const tags = new Map<number, Tag>();
  const tagOf = (index: number): Tag => {
    let tag = tags.get(index);
    if (!tag) {
      tag = readTag(view.text, structure.start[index] ?? 0, structure.open[index] ?? 0);
      tags.set(index, tag);
    }
    return tag;
  };
  return {
    run,
    view,
    structure,
    tagOf,
    regions: new Regions(view, structure, run.self),
    taken: { end: -1, post: null, ignored: false },
    textRun: { start: 0, from: 0, plain: 0 },
    tried: new Set(),
    read: (inner, hits) => readView(run, inner, hits),
  };
}

function readSpot(page: Page, spot: Spot): void {
  if (!page.run.budget.admits(page.run.claims.length)) return;
  const inside = spot.from < page.taken.end;
  if (inside && page.taken.ignored) return;
  if (spot.kind === SPOT_TAG) readTagSpot(page, spot, inside);
  else if (spot.kind === SPOT_RAW) {
    if (!inside || nameOf(page.view.text, page.structure, spot.holder) !== 'script')
      readRaw(page, spot);
  } else if (!inside) readText(page, spot);
}

function readTagSpot(page: Page, spot: Spot, inside: boolean): void {
  const tag = page.tagOf(spot.holder);
  if (readByRules(page, spot, tag)) return;
  if (inside) {
    if (tag.name === 'a') readQuoteInside(page, spot, tag);
    return;
  }
  if (tag.name === 'a' || tag.name === 'area') readLink(page, spot, tag);
  const { claims } = page.run;
  const before = claims.length;
  sweep(page, spot, tag);
  if (claims.length === before) claimTypedElement(page, spot, tag);
}
