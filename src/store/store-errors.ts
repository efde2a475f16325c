/**
 * What the database says when it cannot be reached or is full, in the words of the catalogue.
 * Everything else passes as it is: a defect must not be taken for an outage.
 */
import { EmbedkeepError, type ErrorCode } from '../errors.ts';

/**
 * Of Node's sockets, of the file system (a failing, missing or read-only disk), and of SQLSTATE: connection exceptions,
 * shutdown, too many clients, deadlock and lost races, a disk that fails the database.
 */
const UNAVAILABLE =
  /^(?:ECONN\w+|EPIPE|ETIMEDOUT|ENOTFOUND|EAI_AGAIN|EHOSTUNREACH|EIO|EROFS|ENODEV|ENXIO|ESTALE|08\w{3}|57P0[1-5]|53[034]\d\d|58030|40001|40P01)$/;
const FULL = /^(?:ENOSPC|EDQUOT|EFBIG|53100)$/;
/** pg and PGlite throw these without a code. */
const LOST =
  /^(?:Connection terminated|Client has encountered a connection error|timeout exceeded when trying to connect|PGlite is clos)/;

/** The same object, its methods' rejections translated. */
export function withStoreErrors<T extends object>(part: T): T {
  return Object.fromEntries(
    Object.entries(part).map(([name, value]) => [
      name,
      typeof value === 'function' ? translated(value as Method) : value,
    ]),
  ) as T;
}

type Method = (...given: unknown[]) => unknown;

const translated =
  (method: Method): Method =>
  (...given) => {
    const result = method(...given);
    if (result instanceof Promise) return result.catch(rethrow);
    return isStream(result) ? guarded(result) : result;
  };

const isStream = (result: unknown): result is AsyncIterable<unknown> =>
  typeof result === 'object' && result !== null && Symbol.asyncIterator in result;

async function* guarded(items: AsyncIterable<unknown>): AsyncGenerator<unknown> {
  try {
    yield* items;
  } catch (thrown) {
    rethrow(thrown);
  }
}

function rethrow(thrown: unknown): never {
  throw toStoreError(thrown);
}

export function toStoreError(thrown: unknown): unknown {
  if (thrown instanceof EmbedkeepError || !(thrown instanceof Error)) return thrown;
  const code = codeFor(thrown);
  return code === null ? thrown : new EmbedkeepError(code, undefined, { cause: thrown });
}

function codeFor(error: Error): ErrorCode | null {
  const code = String((error as { code?: unknown }).code ?? '');
  if (FULL.test(code)) return 'STORE_FULL';
  // Several addresses tried, none answered.
  const inner = error instanceof AggregateError ? error.errors[0] : null;
  if (inner instanceof Error) return codeFor(inner);
  return UNAVAILABLE.test(code) || LOST.test(error.message) ? 'STORE_UNAVAILABLE' : null;
}
