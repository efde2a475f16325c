/** `embedkeep verify`: what holds and what does not, in plain words. */
import { styleText } from 'node:util';
import { EXIT } from '../exit-codes.ts';
import type { VerifyAnswer } from '../upkeep.ts';
import type { Server } from './connect.ts';
import { printable, printJson } from './output.ts';

/** The store that is in use, while it is. */
export async function verifyRunning(server: Server, json: boolean): Promise<number> {
  return printReport(await server.get<VerifyAnswer>('/v1/verify'), json);
}

/** Exit code 1 on any damage. */
export function printReport(report: VerifyAnswer, json: boolean): number {
  if (json) printJson(report);
  else process.stdout.write(`${reportText(report)}\n`);
  return report.ok ? EXIT.ok : EXIT.failed;
}

export function reportText({ ok, target, ...report }: VerifyAnswer): string {
  const { holds, findings, damages, notes } = report;
  const hidden = damages + notes - findings.length;
  const places = `${damages} ${damages === 1 ? 'place is' : 'places are'} damaged.`;
  const verdict = styleText(ok ? 'green' : 'red', ok ? 'Nothing is damaged.' : places, {
    stream: process.stdout,
  });
  return [
    printable(target),
    ...holds.map((sentence) => `holds   ${printable(sentence)}`),
    ...findings.map(({ severity, code, where, what }) => {
      const head = severity === 'damage' ? 'DAMAGE' : 'note  ';
      return `${head}  ${printable(`${where} ${what}`)}  [${code}]`;
    }),
    ...(hidden > 0 ? [`… and ${hidden} more`] : []),
    verdict,
  ].join('\n');
}
