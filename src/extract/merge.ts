/** Which claims are copies of the same post: by platform and id; a copy without an id joins one that says the same. */
import { fold } from './fields.ts';
import type { Claim } from './run.ts';

/** Groups in order of first appearance. */
export function groupCopies(claims: readonly Claim[]): Claim[][] {
  const ordered = [...claims].sort(
    (a, b) => a.evidence.start - b.evidence.start || b.evidence.end - a.evidence.end,
  );
  const groups = new Map<string, Claim[]>();
  for (const claim of ordered) {
    const id = claim.post.ref?.postId;
    const key = id === undefined ? keyWithoutId(claim) : `${claim.network.name} ${id}`;
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

/** A copy that lost its id (text residue, a screenshot) is the id'd post of the same author and text. */
function joinResidue(groups: Map<string, Claim[]>): void {
  for (const [key, group] of groups) {
    const [claim] = group;
    if (!claim || claim.post.ref) continue;
    for (const [otherKey, other] of groups) {
      if (otherKey === key || !other[0]?.post.ref || !sameSaid(claim, other)) continue;
      other.push(...group);
      groups.delete(key);
      break;
    }
  }
}

function sameSaid(claim: Claim, others: readonly Claim[]): boolean {
  const handle = claim.post.handle?.value.toLowerCase();
  const text = squeeze(claim.post.text?.value ?? '');
  return others.some((other) => {
    if (other.network !== claim.network) return false;
    const theirs = (other.post.handle?.value ?? other.post.ref?.handle ?? '').toLowerCase();
    if (handle && theirs && handle !== theirs) return false;
    const said = squeeze(other.post.text?.value ?? '');
    return (
      text.length > 20 &&
      said.length > 20 &&
      (said.startsWith(text.slice(0, 60)) || text.startsWith(said.slice(0, 60)))
    );
  });
}
