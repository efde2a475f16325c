/** Text by and by into a response: small pieces gathered, backpressure kept, bounded memory. */
import { Readable } from 'node:stream';

/** A write per row would cost more than the row. */
const CHUNK = 64 * 1024;

export function streamed(pieces: AsyncIterable<string | Uint8Array>): Readable {
  return Readable.from(gathered(pieces), { objectMode: false });
}

/** A JSON line each. */
export async function* linesOf(rows: AsyncIterable<unknown>): AsyncGenerator<string> {
  for await (const row of rows) yield `${JSON.stringify(row)}\n`;
}

export async function* gathered(
  pieces: AsyncIterable<string | Uint8Array>,
): AsyncGenerator<Uint8Array> {
  let text = '';
  for await (const piece of pieces) {
    if (typeof piece === 'string') text += piece;
    if (text !== '' && (text.length >= CHUNK || typeof piece !== 'string')) {
      yield Buffer.from(text);
      text = '';
    }
    if (typeof piece !== 'string') yield piece;
  }
  if (text !== '') yield Buffer.from(text);
}
