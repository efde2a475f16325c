/** Which claims are copies of the same post: by platform and id; a copy without an id joins one that says the same. */
import { postKey } from '../post-key.ts';
import { fold } from './fields.ts';
import type { Claim } from './run.ts';

/** Groups in order of first appearance. */
export function groupCopies(claims: readonly Claim[]): Claim[][] {
  const ordered = [...claims].sort(
    (a, b) => a.evidence.start - b.evidence.start || b.evidence.end - a.evidence.end,
  );
  const groups = new Map<string, Claim[]>();
  for (const claim of ordered) {
    const { ref } = claim.post;
    const key = ref ? `${claim.network.name} ${postKey(ref)}` : keyWithoutId(claim);
    const group = groups.get(key);
    if (group) group.push(claim);
    else groups.set(key, [claim]);
  }
  joinResidue(groups);
  return [...groups.values()];
}

const keyWithoutId = (claim: Claim): string =>
  `${claim.network.name} ~ ${claim.post.handle?.value.toLowerCase() ?? ''} ${claim.post.date?.value ?? ''} ${squeeze(claim.post.text?.value ?? '')}`;

const squeeze = (text: string): string =>
  fold(text)
    .toLowerCase()
    .replace(/[^\p{L}\p{N}]+/gu, '');

interface Said {
  readonly key: string;
  readonly group: Claim[];
  readonly handles: ReadonlySet<string>;
  readonly texts: readonly string[];
}

/** A copy that lost its id (text residue, a screenshot) is the id'd post of the same author and text. */
function joinResidue(groups: Map<string, Claim[]>): void {
  const all = [...groups].map(([key, group]) => saidBy(key, group));
  const known = all.filter(({ group }) => group[0]?.post.ref);
  for (const lost of all) {
    if (lost.group[0]?.post.ref) continue;
    const home = known.find((other) => sameSaid(lost, other));
    if (!home) continue;
    home.group.push(...lost.group);
    groups.delete(lost.key);
  }
}

function saidBy(key: string, group: Claim[]): Said {
  const handles = group.map(({ post }) =>
    (post.handle?.value ?? post.ref?.handle ?? '').toLowerCase(),
  );
  return {
    key,
    group,
    handles: new Set(handles.filter((handle) => handle !== '')),
    texts: group
      .map(({ post }) => squeeze(post.text?.value ?? ''))
      .filter((text) => text.length > LEAST),
  };
}

/** Shorter texts are said by many; of longer ones the beginning is enough, since copies are cut. */
const LEAST = 20;
const BEGINNING = 60;

function sameSaid(lost: Said, other: Said): boolean {
  if (lost.group[0]?.network !== other.group[0]?.network) return false;
  const [handle] = lost.handles;
  if (handle !== undefined && other.handles.size > 0 && !other.handles.has(handle)) return false;
  const [text] = lost.texts;
  if (text === undefined) return false;
  return other.texts.some(
    (said) =>
      said.startsWith(text.slice(0, BEGINNING)) || text.startsWith(said.slice(0, BEGINNING)),
  );
}
