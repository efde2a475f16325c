/**
 * robots.txt after RFC 9309. Own code because robots-parser 3 fails two of the RFC's cases that we need
 * (`%7E` against `~`, and /robots.txt itself) and cannot name the rule that decided.
 */

export interface Robots {
  /** May this path (with query) be asked, and by which rule. */
  check(pathAndQuery: string): { readonly allowed: boolean; readonly rule: string };
  readonly crawlDelayMs: number | null;
}

interface Rule {
  readonly allow: boolean;
  /** As written. */
  readonly text: string;
  /** Between the wildcards, in comparable form. */
  readonly parts: readonly string[];
  readonly toEnd: boolean;
  readonly length: number;
}

interface Group {
  readonly agents: string[];
  readonly rules: Rule[];
  crawlDelay: number | null;
}

const LINE_END = /\r\n|\r|\n/;
const LINE = /^\s*([a-z-]+)\s*:\s*([^#]*)/i;
const PRODUCT = /^[a-z_-]+/i;
const BOM = /^\uFEFF/;
/** A delay of a day is a typo or a refusal that Disallow says better. */
const MAX_CRAWL_DELAY_MS = 3_600_000;

/** @param product the first word of the User-Agent, e.g. `embedkeep` */
export function parseRobots(text: string, product: string): Robots {
  const groups = readGroups(text);
  const token = productToken(product);
  const own = groups.filter(({ agents }) => agents.includes(token));
  const ours = own.length > 0 ? own : groups.filter(({ agents }) => agents.includes('*'));
  const rules = ours.flatMap((group) => group.rules).toSorted(byLength);
  return {
    crawlDelayMs: ours.find((group) => group.crawlDelay !== null)?.crawlDelay ?? null,
    check: (pathAndQuery) => {
      if (pathAndQuery === '/robots.txt') return { allowed: true, rule: 'robots.txt itself' };
      const path = comparable(pathAndQuery);
      const hit = rules.find((rule) => matches(rule, path));
      if (!hit) return { allowed: true, rule: 'no rule applies' };
      return { allowed: hit.allow, rule: `${hit.allow ? 'Allow' : 'Disallow'}: ${hit.text}` };
    },
  };
}

export const productToken = (agent: string): string => PRODUCT.exec(agent)?.[0].toLowerCase() ?? '';

/** The longest pattern decides; of two equally long ones the one that allows. */
const byLength = (a: Rule, b: Rule): number =>
  b.length - a.length || Number(b.allow) - Number(a.allow);

function readGroups(text: string): Group[] {
  const groups: Group[] = [];
  let current: Group | null = null;
  let inAgents = false;
  for (const line of text.replace(BOM, '').split(LINE_END)) {
    const [, name = '', raw = ''] = LINE.exec(line) ?? [];
    const value = raw.trim();
    const field = name.toLowerCase();
    if (field === 'user-agent') {
      if (!(current && inAgents)) {
        current = { agents: [], rules: [], crawlDelay: null };
        groups.push(current);
      }
      inAgents = true;
      current.agents.push(value.startsWith('*') ? '*' : productToken(value));
    } else if (current && (field === 'allow' || field === 'disallow' || field === 'crawl-delay')) {
      inAgents = false;
      addTo(current, field, value);
    }
    // Sitemap and unknown lines neither begin nor end a group.
  }
  return groups;
}

function addTo(group: Group, field: 'allow' | 'disallow' | 'crawl-delay', value: string): void {
  if (field === 'crawl-delay') {
    const seconds = Number(value);
    if (value !== '' && seconds >= 0) {
      group.crawlDelay = Math.min(seconds * 1000, MAX_CRAWL_DELAY_MS);
    }
  } else if (value !== '') {
    group.rules.push(toRule(field === 'allow', value));
  }
}

function toRule(allow: boolean, text: string): Rule {
  const toEnd = text.endsWith('$');
  const pattern = comparable(toEnd ? text.slice(0, -1) : text);
  return { allow, text, parts: pattern.split('*'), toEnd, length: pattern.length };
}

/** Part by part from the left, the last from the right: linear, whatever the pattern. */
function matches({ parts, toEnd }: Rule, path: string): boolean {
  const [first = '', ...rest] = parts;
  if (!path.startsWith(first)) return false;
  let at = first.length;
  const last = toEnd ? rest.pop() : undefined;
  for (const part of rest) {
    const found = path.indexOf(part, at);
    if (found === -1) return false;
    at = found + part.length;
  }
  if (!toEnd) return true;
  return last === undefined
    ? at === path.length
    : path.endsWith(last) && path.length - last.length >= at;
}

const ENCODED = /%([0-9a-f]{2})/gi;
const UNRESERVED = /[a-z0-9._~-]/i;
const NOT_ASCII = /[^\x21-\x7e]+/g;

/** RFC 9309 2.2.2: %-encoded unreserved characters are themselves, others keep their encoding, raw UTF-8 gets one. */
const comparable = (path: string): string =>
  path
    .replace(NOT_ASCII, (characters) => encodeURIComponent(characters.toWellFormed()))
    .replace(ENCODED, (sequence, hex: string) => {
      const character = String.fromCharCode(Number.parseInt(hex, 16));
      return UNRESERVED.test(character) ? character : sequence.toUpperCase();
    });
