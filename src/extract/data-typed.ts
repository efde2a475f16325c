/**
 * Objects that name a post by what they are and an id, without any address: `{ "type": "tweet", "id": "143…" }`,
 * `{ "component": "Tweet", "props": { "id": "143…" } }`. Content management systems keep an article's blocks so.
 */
import type { DataReader } from './data-object.ts';
import { LABEL, TYPE_KEYS } from './data-own.ts';
import { IS_KEY } from './data-skeleton.ts';
import type { Network, PostRef } from './network.ts';
import type { Run } from './run.ts';

export interface TypedPost {
  readonly ref: PostRef;
  /** The object that is typed. */
  readonly box: number;
}

const ID_KEY =
  /^(?:(?:tweet|twitter|status|post|embed|external|video|social|source|x)[_-]?)?(?:id|id_?str)$|^(?:short_?code|code|value|tweet|status)$/i;
/** Where a typed object keeps what is in it. */
const INNER =
  /^(?:attrs|attributes|data|props|params|fields|settings|payload|value|options|config|model|embed|tweet|post|content)$/i;
/** An object with one of these is an account, or holds the post itself: other rules read that. */
const MORE =
  /^(?:html|markup|raw|raw_?oembed|oembed|embed_?(?:html|code)|followers|followers_count|account(?:_?name)?|user_?name|screen_?name|profile.*|avatar|handle)$/i;
const NOT_A_POST =
  /author|byline|profile|account|follow|share|same_?as|person|contributor|publisher|organi[sz]ation|^socials?$|social_?(?:links?|networks?)|footer|header|menu/i;
const MAX_UP = 4;

/** The post named by the object at the marker, or by the one under the key that is the marker. */
export function typedPost(
  run: Run,
  reader: DataReader,
  at: { readonly token: number; readonly network: Network },
): TypedPost | null {
  const { typed } = at.network;
  if (!typed) return null;
  const { skeleton } = reader;
  const isKey = skeleton.tokenKey[at.token] === IS_KEY;
  const box = isKey
    ? boxUnder(reader, at.token)
    : reader.objectAt(skeleton.tokenBox[at.token] ?? -1);
  if (box < 0 || belongsToAnAccount(reader, box)) return null;
  const named = isKey ? typed.says.test(reader.text(at.token)) : false;
  if (!named && !saysType(reader, box, typed.says)) return null;
  const ref =
    idIn(run, reader, { box, network: at.network }) ??
    idInside(run, reader, { box, network: at.network });
  return ref && { ref, box };
}

/** The object that stands directly under the key. */
function boxUnder(reader: DataReader, key: number): number {
  const { skeleton } = reader;
  const parent = skeleton.tokenBox[key] ?? -1;
  for (let box = reader.firstChild(parent); box >= 0; box = reader.nextChild(box)) {
    if (skeleton.boxKey[box] === key) return reader.isObject(box) ? box : -1;
  }
  return -1;
}

function saysType(reader: DataReader, box: number, says: RegExp): boolean {
  const scalars = reader.scalars(box);
  for (const [key, value] of scalars) {
    if (value.length > 60 || LABEL.test(key) || !says.test(value)) continue;
    if (TYPES.has(key) || WHOLE_NAME.test(value)) return true;
  }
  return false;
}
const TYPES: ReadonlySet<string> = new Set(TYPE_KEYS);
/** Under a key that is no type the value must be nothing but the name. */
const WHOLE_NAME =
  /^(?:x[-_]?post|tweet|twitter|instagram|tiktok|youtube)(?:[-_]?(?:embed|post|video))?$/i;

function belongsToAnAccount(reader: DataReader, from: number): boolean {
  let box = from;
  for (let up = 0; box >= 0 && up < MAX_UP; up++) {
    if (NOT_A_POST.test(reader.keyOf(box))) return true;
    box = reader.skeleton.parent[box] ?? -1;
  }
  return false;
}

function idInside(
  run: Run,
  reader: DataReader,
  { box, network }: { readonly box: number; readonly network: Network },
): PostRef | null {
  for (let child = reader.firstChild(box); child >= 0; child = reader.nextChild(child)) {
    if (!reader.isObject(child) || !INNER.test(reader.keyOf(child))) continue;
    const ref = idIn(run, reader, { box: child, network });
    if (ref) return ref;
  }
  return null;
}

function idIn(
  run: Run,
  reader: DataReader,
  at: { readonly box: number; readonly network: Network },
): PostRef | null {
  for (const key of reader.keys(at.box)) if (MORE.test(key)) return null;
  const scalars = reader.scalars(at.box);
  // Where the object has the address as well, that says which post it is: the id may be the publisher's own.
  for (const value of scalars.values())
    if (value.includes('/') && run.claimAddress(value)?.network === at.network) return null;
  for (const [key, value] of scalars) {
    const ref = ID_KEY.test(key) ? at.network.typed?.ref(value, key) : null;
    if (ref) return ref;
  }
  return null;
}
