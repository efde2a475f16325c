/** Which networks have a rule that looks at a tag: found by the tag's own name, classes and attributes, not rule by rule. */
import type { Match, Network } from './network.ts';
import type { Tag } from './tag.ts';

/** A rule's tags (null: any) and the bit of its network. */
interface Entry {
  readonly tags: readonly string[] | null;
  readonly bit: number;
}

interface RuleIndex {
  /** Rules that ask for nothing but the tag, by its name. */
  readonly tags: ReadonlyMap<string, number>;
  readonly classes: ReadonlyMap<string, readonly Entry[]>;
  readonly attributes: ReadonlyMap<string, readonly Entry[]>;
}

const indices = new WeakMap<readonly Network[], RuleIndex>();

/** A bit for each network (by its place in the list, as far as there are bits) of which a rule matches the tag. */
export function networksLookingAt(networks: readonly Network[], tag: Tag): number {
  let index = indices.get(networks);
  if (!index) {
    index = compile(networks);
    indices.set(networks, index);
  }
  let bits = index.tags.get(tag.name) ?? 0;
  for (const name of tag.classes) bits |= bitsOf(index.classes.get(name), tag.name);
  for (const { name } of tag.attributes) bits |= bitsOf(index.attributes.get(name), tag.name);
  return bits;
}

export const looksAt = (bits: number, network: number): boolean =>
  ((bits >> (network & 31)) & 1) === 1;

function bitsOf(entries: readonly Entry[] | undefined, tag: string): number {
  if (entries === undefined) return 0;
  let bits = 0;
  for (const entry of entries) if (!entry.tags || entry.tags.includes(tag)) bits |= entry.bit;
  return bits;
}

interface Building {
  readonly tags: Map<string, number>;
  readonly classes: Map<string, Entry[]>;
  readonly attributes: Map<string, Entry[]>;
}

function compile(networks: readonly Network[]): RuleIndex {
  const index: Building = { tags: new Map(), classes: new Map(), attributes: new Map() };
  networks.forEach((network, i) => {
    for (const match of matchesOf(network)) add(index, match, 1 << (i & 31));
  });
  return index;
}

function add({ tags, classes, attributes }: Building, match: Match, bit: number): void {
  const entry = { tags: match.tags ?? null, bit };
  for (const name of match.classes ?? []) put(classes, name, entry);
  for (const name of match.attributes ?? []) put(attributes, name, entry);
  if (match.classes || match.attributes) return;
  for (const name of match.tags ?? []) tags.set(name, (tags.get(name) ?? 0) | bit);
}

const matchesOf = (network: Network): Match[] => [
  ...(network.ignore ?? []),
  ...(network.elements ?? []).map(({ match }) => match),
  ...(network.placeholders ?? []).map(({ match }) => match),
];

function put(map: Map<string, Entry[]>, key: string, entry: Entry): void {
  const list = map.get(key);
  if (list) list.push(entry);
  else map.set(key, [entry]);
}
