/** What the file system says when it cannot be written to, in the words of the catalogue. */
import { EmbedkeepError } from '../errors.ts';

const FULL = new Set(['ENOSPC', 'EDQUOT', 'EFBIG']);

export const isFullDisk = (cause: unknown): boolean =>
  FULL.has(String((cause as { code?: unknown } | null)?.code ?? ''));

/** `what` cannot be written: STORE_FULL or STORE_UNAVAILABLE. */
export function diskError(what: string, cause: unknown): EmbedkeepError {
  if (cause instanceof EmbedkeepError) return cause;
  const { message } = cause as Error;
  const code = isFullDisk(cause) ? 'STORE_FULL' : 'STORE_UNAVAILABLE';
  return new EmbedkeepError(code, `${what} cannot be written: ${message}`, { cause });
}
