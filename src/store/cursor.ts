/** Cursor pages: opaque to the caller, a row number to us. Rows that arrive later have higher numbers, so a walk down is stable. */
import { EmbedkeepError } from '../errors.ts';
import type { Page, PageQuery } from '../reader.ts';

const DEFAULT_LIMIT = 50;
const MAX_LIMIT = 1000;

export interface Slice {
  /** Only rows below this number. */
  readonly below: number;
  readonly limit: number;
}

/** @throws EmbedkeepError PAYLOAD_INVALID for a cursor that is not ours. */
export function sliceOf({ cursor, limit = DEFAULT_LIMIT }: PageQuery): Slice {
  const below = cursor === undefined ? Number.MAX_SAFE_INTEGER : decode(cursor);
  return { below, limit: Math.min(Math.max(Math.trunc(limit), 1), MAX_LIMIT) };
}

/** From one row more than asked for: whether there is a next page. */
export function pageOf<T extends { readonly n: number }, U>(
  rows: readonly T[],
  { limit }: Slice,
  show: (row: T) => U,
): Page<U> {
  const shown = rows.slice(0, limit);
  const last = shown.at(-1);
  return {
    items: shown.map(show),
    next: rows.length > limit && last ? encode(last.n) : null,
  };
}

const encode = (n: number): string => Buffer.from(`n${n}`).toString('base64url');
const CURSOR = /^n([1-9]\d{0,15})$/;

function decode(cursor: string): number {
  const match = CURSOR.exec(Buffer.from(cursor, 'base64url').toString('latin1'));
  // Base64 forgives trailing rubbish; we do not.
  if (!match || encode(Number(match[1])) !== cursor)
    throw new EmbedkeepError('PAYLOAD_INVALID', 'The cursor is not one that was given.');
  return Number(match[1]);
}
