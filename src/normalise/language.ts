/** A language tag in one spelling: `de_AT`, `DE-at` and `de-AT ` are the same. */

const TAG = /^([a-z]{2,3})(?:-([a-z]{4}))?(?:-([a-z]{2}|\d{3}))?(?:-[a-z\d]{1,8})*$/i;
/** What the networks write where they don't know. */
const UNKNOWN = new Set(['und', 'zxx', 'mul', 'qme', 'qht', 'qam', 'qct', 'qst', 'art', 'xx']);

/** Language, script and region; null where it is no tag or says that the language is unknown. */
export function readLanguage(raw: string | null | undefined): string | null {
  const [, language = '', script, region] = TAG.exec(raw?.trim().replaceAll('_', '-') ?? '') ?? [];
  const base = language.toLowerCase();
  if (base === '' || UNKNOWN.has(base)) return null;
  const written = script && `${script.charAt(0).toUpperCase()}${script.slice(1).toLowerCase()}`;
  return [base, written, region?.toUpperCase()].filter((part) => part !== undefined).join('-');
}
