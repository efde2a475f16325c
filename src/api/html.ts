/** HTML by tagged template: whatever is put in is escaped, unless it is HTML made by this tag itself. */

const SPECIAL = /[&<>"'`]/g;
const ENTITIES: Readonly<Record<string, string>> = {
  '&': '&amp;',
  '<': '&lt;',
  '>': '&gt;',
  '"': '&quot;',
  "'": '&#39;',
  '`': '&#96;',
};

/** Only the tag makes these, so a string of a page can never pass for one. */
export class Html {
  readonly #text: string;
  constructor(text: string) {
    this.#text = text;
  }
  toString(): string {
    return this.#text;
  }
}

export type Content = Html | string | number | null | undefined | false | readonly Content[];

export const html = (parts: TemplateStringsArray, ...contents: readonly Content[]): Html =>
  new Html(
    parts.reduce((page, part, at) => page + (at > 0 ? rendered(contents[at - 1]) : '') + part, ''),
  );

function rendered(content: Content): string {
  if (content === null || content === undefined || content === false) return '';
  if (content instanceof Html) return content.toString();
  if (Array.isArray(content)) return content.map(rendered).join('');
  return String(content).replace(SPECIAL, (char) => ENTITIES[char] ?? '');
}

/** The address where it is http or https, else null: `javascript:` and `data:` never become links. */
export function webAddress(url: string | null | undefined): string | null {
  if (!(url && URL.canParse(url))) return null;
  const { protocol, href } = new URL(url);
  return protocol === 'http:' || protocol === 'https:' ? href : null;
}
