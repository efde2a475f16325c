/**
 * React's server components name a client component in one row and use it in another, often of another script:
 * `2c:I[1234,["11","chunk.js"],"TweetEmbed"]` and `["$","$L2c",null,{"id":"1431…"}]`. The second says nothing of a network.
 */
import type { DataReader } from './data-object.ts';
import type { Network, PostRef } from './network.ts';
import type { Run } from './run.ts';
import { evidenceOf, type View } from './view.ts';

export interface FlightComponent {
  readonly row: string;
  readonly network: Network;
}

const ROW = /(?:^|[^0-9a-f])([0-9a-f]{1,6}):I$/;
const NOT_A_POST = /timeline|feed|share|button|follow|profile|provider|script|icon|link|count/i;
const MAX_COMPONENTS = 20;
const MAX_NAME = 60;

/** Whether the text before a marker can be that of such a row; any escaping of the line's end ends it. */
export function inComponentRow(text: string, at: number): boolean {
  const before = text.slice(Math.max(0, at - 400), at);
  const start = before.lastIndexOf(':I[');
  return start >= 0 && !before.includes('\n', start) && !before.includes('\\n', start);
}

/** Notes the component that the token names. */
export function noteComponent(
  run: Run,
  reader: DataReader,
  at: { readonly token: number; readonly network: Network },
): void {
  const { skeleton, view } = reader;
  const start = skeleton.start[skeleton.tokenBox[at.token] ?? -1] ?? -1;
  if (start < 1 || view.text[start - 1] !== 'I') return;
  const row = ROW.exec(view.text.slice(Math.max(0, start - 10), start))?.[1];
  const name = reader.text(at.token);
  if (!row || name.length > MAX_NAME || NOT_A_POST.test(name)) return;
  if (!at.network.typed?.says.test(name) || run.components.length >= MAX_COMPONENTS) return;
  run.components.push({ row, network: at.network });
}

/** Where the page uses them, each with the id among its properties. */
export function readComponents(run: Run, root: View): void {
  for (const { row, network } of run.components) {
    if (!run.budget.spend(root.text.length)) return;
    const used = new RegExp(
      `\\\\?"\\$L${row}\\\\?",(?:null|\\\\?"[^"\\\\]{0,60}\\\\?"),\\{([^{}]{1,400})\\}`,
      'g',
    );
    for (const match of root.text.matchAll(used)) {
      const ref = idAmong(match[1] ?? '', network);
      if (!ref || !run.budget.admits(run.claims.length)) continue;
      const evidence = evidenceOf(root, match.index, match.index + match[0].length);
      const span = { ...evidence, wrappers: ['script', 'string'] };
      const spanOf = () => span;
      run.claims.push({
        network,
        post: { ref },
        role: 'embed',
        form: 'json',
        evidence: span,
        spanOf,
      });
    }
  }
}

const PROPERTY = /\\?"(\w{0,12}(?:id|code|tweet|status|video))\\?":\\?"([\w-]{5,24})\\?"/gi;

function idAmong(properties: string, network: Network): PostRef | null {
  for (const [, key, value] of properties.matchAll(PROPERTY)) {
    const ref = network.typed?.ref(value ?? '', key ?? '');
    if (ref) return ref;
  }
  return null;
}
