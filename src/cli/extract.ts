/** `embedkeep extract`: the parser alone, on files or standard input; no queue, no store. */
import { readFileSync } from 'node:fs';
import type { Extraction } from '../embed.ts';
import { EmbedkeepError, type ErrorCode, toFailure } from '../errors.ts';
import { EXIT } from '../exit-codes.ts';
import { extract } from '../extract/index.ts';
import { postKey } from '../post-key.ts';
import { reportError, table } from './output.ts';

export interface ExtractFlags {
  readonly jsonl?: boolean;
  readonly json?: boolean;
  readonly url?: string;
}

interface Unread {
  readonly error: { readonly code: ErrorCode; readonly message: string };
}
type Answered = { readonly file: string } & (Extraction | Unread);

/** One answer a file, in order; answers exit code 1 if any could not be read, the others still answered. */
export function extractFiles(files: readonly string[], flags: ExtractFlags): number {
  let exit: number = EXIT.ok;
  for (const file of files) {
    const answer = extractFile(file, flags.url ?? null);
    if ('error' in answer) exit = EXIT.failed;
    if (flags.jsonl || flags.json) process.stdout.write(`${JSON.stringify(answer)}\n`);
    else if ('error' in answer)
      reportError(
        new EmbedkeepError(answer.error.code, `${answer.file}: ${answer.error.message}`),
        false,
      );
    else process.stdout.write(readable(answer));
  }
  return exit;
}

const STANDARD_INPUT = 0;

function extractFile(file: string, url: string | null): Answered {
  try {
    const bytes = readFileSync(file === '-' ? STANDARD_INPUT : file);
    return { file, ...extract(bytes, { url, ...(file.endsWith('.txt') && { plainText: true }) }) };
  } catch (thrown) {
    const { code, message } = toFailure(asUnreadable(thrown));
    return { file, error: { code, message } };
  }
}

/** What the file system refused has a code of ours. */
function asUnreadable(thrown: unknown): unknown {
  const refused = thrown instanceof Error && 'syscall' in thrown;
  if (!refused) return thrown;
  return new EmbedkeepError('FILE_UNREADABLE', thrown.message, { cause: thrown });
}

function readable(answer: { file: string } & Extraction): string {
  const title = answer.article.title ? `  ${answer.article.title}` : '';
  if (answer.embeds.length === 0) return `${answer.file}${title}\nno embedded posts\n\n`;
  const rows = table(answer.embeds, [
    { head: 'role', of: (e) => e.role },
    { head: 'platform', of: (e) => e.platform },
    { head: 'post', of: postKey },
    { head: 'handle', of: (e) => e.author.handle },
    { head: 'author', of: (e) => e.author.name, most: 24 },
    { head: 'date', of: (e) => e.postedAt.date ?? e.postedAt.instant?.slice(0, 10) ?? null },
    { head: 'form', of: (e) => e.form },
    { head: 'conf.', of: (e) => e.confidence },
    { head: 'text', of: (e) => e.text, most: 50 },
  ]);
  return `${answer.file}${title}\n${rows}\n\n`;
}
