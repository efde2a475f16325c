/** What may be asked of the API: filters, paging, plain text. */
import { z } from 'zod';
import { runState } from './schemas.ts';

/** No control characters: NUL is an error to Postgres, the others to whoever reads a log. */
// biome-ignore lint/suspicious/noControlCharactersInRegex: they are what is refused
const CONTROL = /[\x00-\x1f\x7f]/;
export const plain = (most: number) =>
  z
    .string()
    .min(1)
    .max(most)
    .refine((text) => !CONTROL.test(text), { error: 'control characters are not allowed' });

export const paging = {
  cursor: plain(1000).optional().meta({ description: '`next` of the page before.' }),
  limit: z.coerce.number().int().min(1).max(1000).optional().meta({ description: 'Default 50.' }),
};

const day = z.iso.date({ error: 'a day as YYYY-MM-DD' });

/** Filters shared by the list, the export and the archive page. */
export const postFilter = {
  platform: plain(40).optional(),
  handle: plain(200).optional().meta({
    description: 'With or without `@`, any case; also finds earlier handles.',
    example: 'AC360',
  }),
  author: plain(200).optional(),
  from: day.optional().meta({ description: 'Posted on this day or later (YYYY-MM-DD).' }),
  to: day.optional().meta({ description: 'Posted on this day or earlier (YYYY-MM-DD).' }),
  articleHost: plain(255).optional().meta({ description: 'Host of an article it was seen in.' }),
  q: plain(500).optional().meta({ description: 'Full text over text and author.' }),
};

export const articleFilter = {
  reference: plain(200).optional().meta({ description: "The producer's own id of a batch." }),
  tag: plain(100).optional(),
  state: runState.optional(),
  host: plain(255).optional(),
  error: plain(100).optional().meta({ example: 'GONE' }),
  shape: plain(100).optional().meta({ description: 'Of the page that a failure kept.' }),
  since: z.iso
    .datetime({ offset: true, error: 'a time as RFC 3339, e.g. 2026-11-22T00:00:00Z' })
    .optional()
    .meta({ description: 'Accepted at or after this time (RFC 3339).' }),
};

export const id = z.object({ id: z.string() });
