/** `embedkeep import`: what came, what was here already, or entry by entry why nothing was taken. */
import { EmbedkeepError } from '../errors.ts';
import { EXIT } from '../exit-codes.ts';
import type { ImportAnswer, VerifyAnswer } from '../upkeep.ts';
import { printable, printJson } from './output.ts';

export async function importing(
  bring: () => Promise<ImportAnswer>,
  json: boolean,
): Promise<number> {
  try {
    const answer = await bring();
    if (json) printJson(answer);
    else process.stdout.write(`${textOf(answer)}\n`);
    return EXIT.ok;
  } catch (thrown) {
    if (!json) for (const line of refusals(thrown)) process.stderr.write(`${line}\n`);
    throw thrown;
  }
}

function textOf({ kind, captures, sightings, posts, known, withheld }: ImportAnswer): string {
  const what = `${captures} captures, ${posts} new posts, ${sightings} sightings`;
  const here = known > 0 ? `; ${known} captures were here already` : '';
  const gone =
    withheld > 0 ? `; ${withheld} without words, of posts that were taken down here` : '';
  return kind === 'whole'
    ? `imported with its event chain: ${what}${here}`
    : `joined to what is here: ${what}${here}${gone}`;
}

function refusals(thrown: unknown): string[] {
  if (!(thrown instanceof EmbedkeepError) || thrown.code !== 'IMPORT_REFUSED') return [];
  const findings = (thrown.detail['findings'] ?? []) as VerifyAnswer['findings'];
  return findings
    .filter(({ severity }) => severity === 'damage')
    .map(({ code, where, what }) => `DAMAGE  ${printable(`${where} ${what}`)}  [${code}]`);
}
