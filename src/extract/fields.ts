/** Reading fields off a small parsed piece: folded text and sourced values. */
import type { Cheerio } from 'cheerio/slim';
import { type AnyNode, hasChildren, isTag, isText } from 'domhandler';
import type { Found } from './network.ts';

/** What folding changes: a single space stays as it is, and most are. */
const SPACE = /\s{2,}|[^\S ]/g;

/** White space folded, ends trimmed. */
export const fold = (text: string): string => text.replace(SPACE, ' ').trim();

const SILENT = new Set(['script', 'style', 'noscript', 'template', 'svg']);
const BLOCK = new Set(['br', 'p', 'div', 'section', 'li', 'ul', 'ol', 'blockquote', 'tr', 'h4']);

/** An emoji drawn as a picture (X's own pages, Twemoji, WordPress) has the character as its alternative text. */
const EMOJI =
  /^(?=.*(?:\p{Extended_Pictographic}|\p{Regional_Indicator}|\u20e3))[\p{Emoji}\p{Emoji_Component}]+$/u;
const emojiOf = (node: AnyNode): string | null => {
  const alt = isTag(node) && node.name === 'img' ? node.attribs['alt'] : undefined;
  return alt !== undefined && alt.length <= MAX_EMOJI && EMOJI.test(alt) ? alt : null;
};
const MAX_EMOJI = 32;

/** Text of the nodes as the contract wants it: white space folded, `<br>` and block borders as a space, emoji as characters. */
export function textOf(nodes: Cheerio<AnyNode> | readonly AnyNode[] | AnyNode): string {
  const list = 'type' in nodes ? [nodes] : Array.from(nodes as ArrayLike<AnyNode>);
  const parts: string[] = [];
  const stack: (AnyNode | string)[] = list.reverse();
  for (let node = stack.pop(); node !== undefined; node = stack.pop()) {
    if (typeof node === 'string') parts.push(node);
    else if (isText(node)) parts.push(node.data);
    else {
      const emoji = emojiOf(node);
      if (emoji === null) pushChildren(node, stack);
      else parts.push(emoji);
    }
  }
  return fold(parts.join(''));
}

function pushChildren(node: AnyNode, stack: (AnyNode | string)[]): void {
  if (!hasChildren(node) || (isTag(node) && SILENT.has(node.name))) return;
  const edge = isTag(node) && BLOCK.has(node.name) ? ' ' : '';
  stack.push(edge);
  for (let i = node.children.length - 1; i >= 0; i--) stack.push(node.children[i] ?? '');
  stack.push(edge);
}

/** A sourced value, or null where it is empty: `found(textOf(p), 'p', p)`. */
export function found(
  value: string | null | undefined,
  rule: string,
  where?: Cheerio<AnyNode> | AnyNode,
): Found<string> | null {
  if (value === null || value === undefined || value === '') return null;
  const node = where && ('type' in where ? where : where[0]);
  return { value, rule, node };
}
