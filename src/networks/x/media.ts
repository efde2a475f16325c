/** Pictures and videos of a post: `pic.twitter.com/…` in its text, and the t.co address of the same slug. */
import type { AnyNode } from 'domhandler';
import type { Media } from '../../embed.ts';
import { textOf } from '../../extract/fields.ts';
import type { Candidate, Found } from '../../extract/network.ts';

const PIC = /pic\.(?:twitter|x)\.com\/[A-Za-z0-9]{4,12}/g;
const WHOLE_PIC = /^pic\.(?:twitter|x)\.com\/[A-Za-z0-9]{4,12}$/;
const TCO = /^https?:\/\/t\.co\/([A-Za-z0-9]{4,12})/;

export function mediaIn(
  c: Candidate,
  nodes: readonly AnyNode[],
  text: string,
): Found<readonly Media[]> | null {
  const inText = picturesIn(text);
  if (inText.length === 0) return null;
  const linked = new Set<string>();
  const twins = new Map<string, { url: string; node: AnyNode }>();
  for (const node of c
    .$(nodes as AnyNode[])
    .find('a[href]')
    .addBack('a[href]')
    .toArray()) {
    const url = c.$(node).attr('href')?.trim() ?? '';
    const slug = TCO.exec(url)?.[1];
    if (slug) twins.set(slug, { url, node });
    const label = textOf(node);
    if (WHOLE_PIC.test(label)) linked.add(label);
  }
  // Where the picture is a link, its label says where the address ends, whatever stands beside it.
  const shown = linked.size > 0 ? [...linked] : inText;
  const media = shown.map((display) => ({
    display,
    url: twins.get(slugOf(display))?.url ?? `https://t.co/${slugOf(display)}`,
  }));
  const node = twins.get(slugOf(shown[0] ?? ''))?.node ?? nodes[0];
  return { value: media, rule: 'pic link', node };
}

const slugOf = (display: string): string => display.slice(display.indexOf('/') + 1);

/** Each picture address in a text, once. */
export const picturesIn = (text: string): string[] => [...new Set(text.match(PIC))];

/** Media where only the text is known; the slug is the same on t.co. */
export const mediaOfText = (text: string): readonly Media[] =>
  picturesIn(text).map((display) => ({ display, url: `https://t.co/${slugOf(display)}` }));
