/** The body of POST /v1/articles into items: JSON, NDJSON, or a URL a line. One bad line spoils no other. */
import type { FastifyInstance } from 'fastify';
import { EmbedkeepError } from '../errors.ts';
import type { Checked } from '../ledger.ts';

export const MOST_ORDERS = 10_000;
export const MOST_BYTES = 16 * 1024 * 1024;

/** An order as given, or why the line holds none. */
export type Item = { readonly given: unknown } | { readonly refused: Checked };

/** The parsed body together with its bytes, which the idempotency key is bound to. */
export interface Intake {
  readonly bytes: Buffer;
  readonly items: readonly Item[];
}

type Read = (text: string) => Item[];

const READERS: readonly (readonly [types: string[], read: Read])[] = [
  [['application/json'], readJson],
  [['application/x-ndjson', 'application/ndjson', 'application/jsonl'], readLines(readJsonLine)],
  [['text/plain'], readLines((line) => ({ given: line }))],
];

const utf8 = new TextDecoder('utf-8', { fatal: true });

/** Parsers for the scope that `app` is: other routes keep theirs. */
export function parseIntakeBodies(app: FastifyInstance): void {
  app.removeAllContentTypeParsers();
  for (const [types, read] of READERS) {
    app.addContentTypeParser(
      types,
      { parseAs: 'buffer', bodyLimit: MOST_BYTES },
      (request, body: Buffer, done) => {
        try {
          refuseEncoded(request.headers['content-encoding']);
          done(null, { bytes: body, items: limited(read(textOf(body))) } satisfies Intake);
        } catch (thrown) {
          done(thrown as Error);
        }
      },
    );
  }
}

/** Inflating is left out on purpose: 16 KB of gzip may hold 16 MB of lines. */
function refuseEncoded(encoding: string | undefined): void {
  if (encoding === undefined || encoding.toLowerCase() === 'identity') return;
  throw new EmbedkeepError('UNSUPPORTED_MEDIA_TYPE', 'Send the body without Content-Encoding.');
}

function textOf(body: Buffer): string {
  try {
    return utf8.decode(body);
  } catch (cause) {
    throw malformed('The body is not UTF-8.', cause);
  }
}

const malformed = (message: string, cause: unknown): EmbedkeepError =>
  new EmbedkeepError('PAYLOAD_INVALID', message, { cause });

function limited(items: Item[]): Item[] {
  if (items.length > MOST_ORDERS) {
    throw new EmbedkeepError(
      'BODY_TOO_LARGE_REQUEST',
      `${items.length} URLs in one call; at most 10,000. Nothing was taken.`,
    );
  }
  if (items.length === 0) throw new EmbedkeepError('PAYLOAD_INVALID', 'The body names no URL.');
  return items;
}

function readJson(text: string): Item[] {
  let value: unknown;
  try {
    value = JSON.parse(text);
  } catch (cause) {
    throw malformed('The body is not valid JSON.', cause);
  }
  return (Array.isArray(value) ? value : [value]).map((given) => ({ given }));
}

const LINE_BREAK = /\r?\n|\r/;

/** Blank lines are no orders and have no index. */
function readLines(readLine: (line: string) => Item): Read {
  return (text) =>
    text
      .split(LINE_BREAK)
      .map((line) => line.trim())
      .filter((line) => line !== '')
      .map(readLine);
}

const SHOWN = 200;

function readJsonLine(line: string): Item {
  try {
    return { given: JSON.parse(line) };
  } catch {
    const refused = { code: 'PAYLOAD_INVALID', message: 'This line is not valid JSON.' } as const;
    return { refused: { order: { url: line.slice(0, SHOWN).toWellFormed() }, refused } };
  }
}
