/** What a page is asked in its address. */
import type { z } from 'zod';
import { EmbedkeepError } from '../../errors.ts';
import { defined } from '../filters.ts';

/** A form sends its empty fields too. @throws EmbedkeepError PAYLOAD_INVALID */
export function readQuery<T extends object>(schema: z.ZodType<T>, query: unknown) {
  const filledIn = Object.entries(query as object).filter(([, value]) => value !== '');
  const parsed = schema.safeParse(Object.fromEntries(filledIn));
  if (parsed.success) return defined(parsed.data);
  const [issue] = parsed.error.issues;
  throw new EmbedkeepError('PAYLOAD_INVALID', `${issue?.path.join('.')}: ${issue?.message}`);
}
