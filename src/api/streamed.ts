/** Text by and by into a response: small pieces gathered, backpressure kept, bounded memory. */
import { Readable } from 'node:stream';

/** A write per row would cost more than the row. */
const CHUNK = 64 * 1024;

export function streamed(pieces: AsyncIterable<string>): Readable {
  return Readable.from(gathered(pieces), { objectMode: false });
}

async function* gathered(pieces: AsyncIterable<string>): AsyncGenerator<Buffer> {
  let text = '';
  for await (const piece of pieces) {
    text += piece;
    if (text.length < CHUNK) continue;
    yield Buffer.from(text);
    text = '';
  }
  if (text !== '') yield Buffer.from(text);
}
