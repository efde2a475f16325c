/** Text as bytes of a legacy charset: what TextDecoder makes of every byte and pair, turned round. */

const tables = new Map<string, ReadonlyMap<string, readonly number[]>>();

function tableOf(charset: string): ReadonlyMap<string, readonly number[]> {
  const known = tables.get(charset);
  if (known) return known;
  const decoder = new TextDecoder(charset);
  const table = new Map<string, readonly number[]>();
  const put = (...bytes: number[]): void => {
    const text = decoder.decode(Uint8Array.from(bytes));
    if ([...text].length === 1 && text !== '\ufffd' && !table.has(text)) table.set(text, bytes);
  };
  for (let byte = 0; byte < 256; byte++) put(byte);
  const wide = ![...Array(128).keys()].every((i) =>
    table.has(decoder.decode(Uint8Array.of(i + 128))),
  );
  for (let lead = 0x81; wide && lead < 0xff; lead++) {
    for (let trail = 0x40; trail < 0xff; trail++) put(lead, trail);
  }
  tables.set(charset, table);
  return table;
}

/** @throws Error where the charset has no such character, or the test would be about another text. */
export function encode(text: string, charset: string): Buffer {
  if (charset === 'utf-8') return Buffer.from(text);
  if (charset === 'utf-16le') return Buffer.from(text, 'utf16le');
  if (charset === 'utf-16be') return Buffer.from(text, 'utf16le').swap16();
  if (charset === 'iso-2022-jp') return iso2022(text);
  const table = tableOf(charset);
  const bytes = [...text].flatMap((character) => {
    const found = table.get(character);
    if (!found) throw new Error(`${charset} has no ${JSON.stringify(character)}`);
    return found;
  });
  return Buffer.from(bytes);
}

/** EUC-JP's pairs without their high bits, between escape sequences. */
function iso2022(text: string): Buffer {
  const runs = text.split(/([^\0-\x7f]+)/);
  return Buffer.concat(
    runs.map((run, i) => {
      if (i % 2 === 0) return Buffer.from(run);
      const pairs = encode(run, 'euc-jp').map((byte) => byte & 0x7f);
      return Buffer.concat([Buffer.from('\x1b$B'), pairs, Buffer.from('\x1b(B')]);
    }),
  );
}
