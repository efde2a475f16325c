/**
 * Shortcodes that nothing replaced: `[tweet https://…]`, `[embed]https://…[/embed]`, `{% twitter https://… %}`,
 * `{{< instagram CODE >}}`. Alone in its paragraph, one that is named for an embed is an embed that was not rendered.
 */
import type { Claimed } from './address.ts';
import type { Run } from './run.ts';

const BRACKETS =
  /^\[\s*([a-z][\w-]{0,30})(?![\w-])([^[\]]{0,600})\](?:\s*([^[\]\s]{1,600})\s*\[\/[\w-]{1,32}\])?$/i;
const BRACES =
  /^(?:\{\{[<%]|\{%)-?\s*([a-z][\w-]{0,30})(?![\w-])([^{}<>]{0,600})(?:[>%]\}\}|%\})$/i;
const NAME =
  /^(?:embed|oembed|(?:embed[-_]?)?(?:tweet|twitter|x|instagram|facebook|fb|tiktok|youtube|yt|threads|bluesky|bsky|mastodon|toot|telegram|vk|linkedin|pinterest|tumblr|reddit|vine)(?:[-_]?(?:embed|post|video|simple|card))?)$/i;
const LONGEST = 1300;
const SPACE = /\s+/;
const KEY = /^[\w-]{1,30}=/;
const QUOTES = /^["'“”‘’″„‟«»]+|["'“”‘’″„‟«»,/]+$/g;
/** What an id without an address may stand for: each network takes the key that its own data has. */
const ID_KEY = 'video_code';

/** `line`: all the text of a paragraph. */
export function readShortcode(run: Run, line: string): Claimed | null {
  if (line.length > LONGEST || !(line.startsWith('[') || line.startsWith('{'))) return null;
  const [, name, given, content] = BRACKETS.exec(line) ?? BRACES.exec(line) ?? [];
  if (!name || !NAME.test(name)) return null;
  const words = `${given ?? ''} ${content ?? ''}`
    .split(SPACE)
    .map((word) => word.replace(KEY, '').replace(QUOTES, ''));
  for (const word of words) {
    const claimed = word.includes('.') ? run.claimAddress(word) : null;
    if (claimed && claimed.ref.kind !== 'action') return claimed;
  }
  return byId(run, name, words);
}

/** Editors make a link of the address inside: `[embed]<a href="…">…</a>[/embed]`. */
export function isShortcodeAround(before: string, after: string): boolean {
  if (!(before.startsWith('[') || before.startsWith('{')) || before.length > LONGEST) return false;
  const line = `${before} ADDRESS ${after}`;
  const name = (BRACKETS.exec(line) ?? BRACES.exec(line))?.[1];
  return name !== undefined && NAME.test(name);
}

function byId(run: Run, name: string, words: readonly string[]): Claimed | null {
  for (const network of run.networks) {
    if (!network.typed?.says.test(name)) continue;
    for (const word of words) {
      const ref = network.typed.ref(word, ID_KEY);
      if (ref) return { network, ref, via: [] };
    }
  }
  return null;
}
