/** A blockquote inside another, each signed: a thread pasted into itself, a quoted post kept as a quotation. */
import type { Element } from 'domhandler';
import { textOf } from '../../extract/fields.ts';
import type { Candidate } from '../../extract/network.ts';

const SIGNED = /[—–―][^—–―]{1,140}[(（]\s*[@＠]\s*\w{1,20}\s*[)）]/u;
const MAX_INNER = 20;

/**
 * Takes the signed quotations out of one that is signed itself, and gives them; what is only wrapped once more, or is
 * an unsigned part of the text, stays where it is.
 */
export function takenOut(c: Candidate): readonly Candidate[] {
  const inner = c.root
    .find('blockquote')
    .toArray()
    .slice(0, MAX_INNER)
    .filter((node) => SIGNED.test(textOf(node)));
  const outermost = inner.filter(
    (node) => !inner.some((other) => other !== node && holds(other, node)),
  );
  if (outermost.length === 0 || !SIGNED.test(textWithout(c, outermost))) return [];
  return outermost.map((element) => {
    c.$(element).remove();
    return { ...c, element, root: c.$(element) };
  });
}

function holds(outer: Element, inner: Element): boolean {
  for (let at = inner.parent; at; at = at.parent) if (at === outer) return true;
  return false;
}

function textWithout(c: Candidate, parts: readonly Element[]): string {
  const copy = c.root.clone();
  const all = c.root.find('blockquote').toArray();
  const places = new Set(parts.map((part) => all.indexOf(part)));
  copy
    .find('blockquote')
    .filter((i) => places.has(i))
    .remove();
  return textOf(copy);
}
