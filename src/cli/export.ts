/** `embedkeep export`: the answer of GET /v1/export, to standard output or whole into a file. */
import { pipeline } from 'node:stream/promises';
import { EmbedkeepError } from '../errors.ts';
import { EXIT } from '../exit-codes.ts';
import { query, type Server } from './connect.ts';
import { saveAs } from './files.ts';
import { printJson } from './output.ts';

export interface ExportFlags {
  readonly json?: boolean;
  readonly format: string;
  readonly wacz?: string;
  readonly output?: string;
  readonly platform?: string;
  readonly handle?: string;
  readonly author?: string;
  readonly from?: string;
  readonly to?: string;
  readonly articleHost?: string;
  readonly search?: string;
}

const BINARY = new Set(['parquet', 'wacz']);

export async function exportPosts(server: Server, flags: ExportFlags): Promise<number> {
  const { json, wacz, output, search: q, ...filter } = flags;
  const format = wacz === undefined ? filter.format : 'wacz';
  const file = wacz ?? output;
  if (file === undefined && BINARY.has(format) && process.stdout.isTTY) {
    throw new EmbedkeepError('PAYLOAD_INVALID', `${format} is not for a terminal; use --output.`);
  }
  const body = await server.stream(`/v1/export${query({ ...filter, format, q })}`);
  if (file === undefined) {
    await pipeline(body, process.stdout, { end: false });
    return EXIT.ok;
  }
  const bytes = await saveAs(file, body);
  if (json) printJson({ file, format, bytes });
  else process.stdout.write(`${file}: ${bytes} bytes\n`);
  return EXIT.ok;
}
