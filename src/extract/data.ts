/** Reads posts out of data: hydration JSON, JavaScript with string literals, JSON in attributes. Never evaluates. */
import { DataReader } from './data-object.ts';
import { Ownership, saysEmbed, typedAsEmbed } from './data-own.ts';
import { mayHoldPosts } from './data-relevance.ts';
import { skeletonOf } from './data-scan.ts';
import { IS_KEY, tokenAt } from './data-skeleton.ts';
import { typedPost } from './data-typed.ts';
import { devalued } from './devalue.ts';
import { encodesMarkup } from './encoded-markup.ts';
import { noteComponent } from './flight-components.ts';
import type { Hits } from './hits.ts';
import type { Network, Post } from './network.ts';
import type { Run } from './run.ts';
import { evidenceOf, innerView, type View } from './view.ts';
import type { Wrapper } from './wrappers.ts';

const MARKUP = /<\/?[a-z!][^<]{0,300}>/i;
const DATA_START = /^\s*[[{]\s*["'[{\]}]/;
const ENCODED_MARKUP = /^\s*%3C/i;
const BASE64 = /^[A-Za-z0-9+/]{40,}={0,2}$/;
/** A row of React's server components: `5:["$",…`, `2:I[…`. */
const FLIGHT = /^\s*[0-9a-f]{1,6}:[A-Z]{0,2}[[{"]/;
/** A row of theirs that is text: its length in hexadecimal, then the text as it is. */
const FLIGHT_TEXT = /(?:^|\n)[0-9a-f]{1,6}:T([0-9a-f]{1,6}),/g;
/** Markup whose quotes are escaped once more: it stands in a string of the string. */
const TWICE = /<[a-z][^<>]{0,200}=\\["']/i;
/** How far up from a marker an object may be for a rule to look at it. */
const MAX_UP = 3;

interface Data {
  readonly run: Run;
  readonly view: View;
  readonly reader: DataReader;
  readonly read: (view: View) => void;
  readonly asked: Set<string>;
  readonly ownership: Ownership;
}

/** How a view is read on: markup by `read`; `hits` where the view is a plain part of one already searched. */
export interface Onward {
  readonly read: (view: View) => void;
  readonly hits?: Hits;
}

export function readData(run: Run, view: View, { read, hits: known }: Onward): void {
  if (!run.budget.enter(view)) return;
  const hits = known ?? run.find(view.text, view.bytes);
  if (!mayHoldPosts(run, view, hits) || !run.budget.spend(view.text.length)) return;
  readDevalue(run, view);
  const skeleton = skeletonOf(view);
  const reader = new DataReader(view, skeleton);
  const ownership = new Ownership(reader, run.self);
  const data: Data = { run, view, read, reader, asked: new Set(), ownership };
  let token = -1;
  let networks = new Set<number>();
  for (let i = 0; i < hits.count; i++) {
    const at = tokenAt(skeleton, hits.at[i] ?? 0);
    if (at !== token && token >= 0) readToken(data, token, networks);
    if (at !== token) networks = new Set();
    token = at;
    networks.add(hits.network[i] ?? -1);
  }
  if (token >= 0) readToken(data, token, networks);
}

/** Objects whose values are indices: typed as an embed, with an address. */
function readDevalue(run: Run, view: View): void {
  for (const { fields } of devalued(view.text) ?? []) {
    if (saysEmbed(fields, '') !== true) continue;
    for (const value of fields.values()) claimDevalued(run, view, value);
  }
}

function claimDevalued(run: Run, view: View, value: string): void {
  const claimed = run.claimAddress(value);
  const at =
    claimed && claimed.ref.kind !== 'action' ? view.text.indexOf(JSON.stringify(value)) : -1;
  if (!claimed || at < 0) return;
  const evidence = evidenceOf(view, at, at + value.length + 2);
  run.claims.push({
    network: claimed.network,
    post: { ref: claimed.ref },
    role: view.setting.outside ? 'outside' : 'embed',
    form: 'json',
    evidence,
    spanOf: () => evidence,
  });
}

function readToken(data: Data, token: number, hit: ReadonlySet<number>): void {
  const { reader, run } = data;
  if (!run.budget.admits(run.claims.length)) return;
  const { skeleton } = reader;
  const box = skeleton.tokenBox[token] ?? -1;
  for (const index of hit) {
    const network = run.networks[index];
    if (network?.objects) askObjects(data, box, network);
    if (network?.typed) claimTyped(data, token, network);
    if (network?.typed) noteComponent(run, reader, { token, network });
  }
  if (skeleton.tokenKey[token] === IS_KEY || skeleton.tokenQuote[token] === 0) return;
  const text = reader.text(token);
  const wrappers = wrappersOf(text);
  if (wrappers) enter(data, { token, box, wrappers, text });
  else claimString(data, { token, box, text });
}

function claimTyped(data: Data, token: number, network: Network): void {
  const { reader } = data;
  const typed = typedPost(data.run, reader, { token, network });
  if (!typed) return;
  const { box, ref } = typed;
  const { start, end } = reader.skeleton;
  push(data, { network, post: { ref }, box, start: start[box] ?? 0, end: end[box] ?? 0 });
}

function wrappersOf(text: string): readonly Wrapper[] | null {
  if (DATA_START.test(text) || FLIGHT.test(text)) return ['string'];
  if (text.includes('=\\') && TWICE.test(text)) return ['string', 'string'];
  if (text.includes('<') && MARKUP.test(text)) return ['string'];
  if (ENCODED_MARKUP.test(text)) return ['string', 'percent'];
  if (text.includes('&lt;') && !text.includes('<')) return ['string', 'escaped'];
  return BASE64.test(text) && encodesMarkup(text) ? ['string', 'base64'] : null;
}

interface Value {
  readonly token: number;
  readonly box: number;
  readonly text: string;
}

function enter(data: Data, value: Value & { readonly wrappers: readonly Wrapper[] }): void {
  const { reader, view, run } = data;
  const outside = view.setting.outside || data.ownership.elsewhere(value.box);
  const inner = innerView(view, {
    start: reader.skeleton.tokenStart[value.token] ?? 0,
    end: reader.skeleton.tokenEnd[value.token] ?? 0,
    wrappers: value.wrappers,
    undone: value.text,
    setting: { outside, data: true },
  });
  if (FLIGHT.test(inner.text)) readFlight(run, inner, data.read);
  else if (DATA_START.test(inner.text)) readData(run, inner, { read: data.read });
  else data.read(inner);
}

/** The rows that are text hold markup; the others are data. */
function readFlight(run: Run, view: View, read: (view: View) => void): void {
  let at = 0;
  for (const match of view.text.matchAll(FLIGHT_TEXT)) {
    if (match.index < at) continue;
    const start = match.index + match[0].length;
    readData(run, innerView(view, { start: at, end: match.index, wrappers: [] }), { read });
    at = Math.min(view.text.length, start + Number.parseInt(match[1] ?? '0', 16));
    read(innerView(view, { start, end: at, wrappers: [] }));
  }
  readData(
    run,
    at === 0 ? view : innerView(view, { start: at, end: view.text.length, wrappers: [] }),
    {
      read,
    },
  );
}

function claimString(data: Data, value: Value): void {
  const { reader, run } = data;
  const claimed = run.claimAddress(value.text);
  if (!claimed || claimed.ref.kind === 'action') return;
  if (!typedAsEmbed(reader, value.token, claimed.network.name)) return;
  const { skeleton } = reader;
  const box = reader.objectAt(value.box);
  const start = box < 0 ? (skeleton.tokenStart[value.token] ?? 0) : (skeleton.start[box] ?? 0);
  const end = box < 0 ? (skeleton.tokenEnd[value.token] ?? 0) : (skeleton.end[box] ?? 0);
  push(data, { network: claimed.network, post: { ref: claimed.ref }, box: value.box, start, end });
}

interface Read {
  readonly network: Network;
  readonly post: Post;
  readonly box: number;
  readonly start: number;
  readonly end: number;
}

function push(data: Data, read: Read): void {
  const { run, view } = data;
  const outside = view.setting.outside || data.ownership.elsewhere(read.box);
  const evidence = evidenceOf(view, read.start, read.end);
  run.claims.push({
    network: read.network,
    post: read.post,
    role: outside ? 'outside' : 'embed',
    form: read.post.form ?? 'json',
    evidence,
    spanOf: () => evidence,
  });
}

/** The object at the marker and the few around it, each asked once per network. */
function askObjects(data: Data, from: number, network: Network): void {
  const { reader, run } = data;
  let box = reader.objectAt(from);
  for (let up = 0; box >= 0 && up < MAX_UP; up++) {
    const key = `${network.name} ${box}`;
    if (!data.asked.has(key)) {
      data.asked.add(key);
      askObject(data, box, network);
    }
    box = reader.objectAt(reader.skeleton.parent[box] ?? -1);
  }
  run.budget.spend(64);
}

function askObject(data: Data, box: number, network: Network): void {
  const { reader, run } = data;
  const keys = reader.keys(box);
  const rules = (network.objects ?? []).filter((rule) => rule.keys.some((key) => keys.has(key)));
  if (rules.length === 0) return;
  const { start, end } = reader.skeleton;
  if (!run.budget.spend(Math.min((end[box] ?? 0) - (start[box] ?? 0), 100_000))) return;
  const object = reader.object(box);
  const claim = (address: unknown): Post['ref'] => {
    const claimed = typeof address === 'string' ? run.claimAddress(address) : null;
    return claimed?.network === network ? claimed.ref : null;
  };
  for (const rule of rules) {
    const post = rule.read(object, { claim });
    if (!post) continue;
    push(data, {
      network,
      post: { form: rule.form, ...post },
      box,
      start: start[box] ?? 0,
      end: end[box] ?? 0,
    });
    return;
  }
}
