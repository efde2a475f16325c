/**
 * The sieve's inner loop as a WebAssembly module, put together here instruction by instruction: forty of them are not
 * worth a toolchain, and can be read. In C, with `v[k]` the sixteen bytes from `at + k`:
 *
 *     for (; at < end; at += 16) {
 *       m = for each k: low[k][v[k] & 15] & high[k][v[k] >> 4], all anded;
 *       for each i with m[i] != 0: *out++ = at + i;
 *     }
 *     return how many were written;
 */

const I32 = 0x7f;
const V128 = 0x7b;
const EMPTY = 0x40;

/** An unsigned number in LEB128, as the format writes them. */
function unsigned(value: number): number[] {
  return value < 0x80 ? [value] : [(value & 0x7f) | 0x80, ...unsigned(value >>> 7)];
}

const get = (local: number): number[] => [0x20, ...unsigned(local)];
const set = (local: number): number[] => [0x21, ...unsigned(local)];
const tee = (local: number): number[] => [0x22, ...unsigned(local)];
/** Only numbers below 64 are needed: one byte in signed LEB128. */
const constant = (value: number): number[] => [0x41, value];
const vector = (operation: number): number[] => [0xfd, ...unsigned(operation)];
const load = (offset: number): number[] => [...vector(0x00), 0, ...unsigned(offset)];

const LOOP = [0x03, EMPTY];
const IF = [0x04, EMPTY];
const END = [0x0b];
const branch = (depth: number): number[] => [0x0c, depth];
const branchIf = (depth: number): number[] => [0x0d, depth];
const LESS = [0x49];
const TRAILING_ZEROS = [0x68];
const ADD = [0x6a];
const SUBTRACT = [0x6b];
const AND = [0x71];
const SHIFT_RIGHT = [0x76];
const STORE = [0x36, 2, 0];
/** The relaxed one: indices are below 16 here, so it gives the same everywhere, in one instruction instead of two. */
const SWIZZLE = vector(0x1_00);
const SPLAT = vector(15);
const NOT_EQUAL = vector(36);
const VECTOR_AND = vector(78);
const ANY_TRUE = vector(83);
const BITMASK = vector(100);
const VECTOR_SHIFT_RIGHT = vector(109);

/** Parameters, then locals: numbers, then vectors. */
const [AT, LIMIT, OUT, FIRST, MASK, FOUND, LOW_HALF, ZERO, BYTES, TABLES] = [
  0, 1, 2, 3, 4, 5, 6, 7, 8, 9,
];

/** Leaves on the stack which groups the byte `k` places on may stand in, for sixteen places. */
const judged = (k: number): number[] => [
  ...[...get(AT), ...load(k), ...set(BYTES)],
  ...[...get(TABLES + 2 * k), ...get(BYTES), ...get(LOW_HALF), ...VECTOR_AND, ...SWIZZLE],
  ...[...get(TABLES + 2 * k + 1), ...get(BYTES), ...constant(4), ...VECTOR_SHIFT_RIGHT, ...SWIZZLE],
  ...VECTOR_AND,
];

const WRITE_FOUND = [
  ...[...get(FOUND), ...get(ZERO), ...NOT_EQUAL, ...BITMASK, ...set(MASK)],
  ...LOOP,
  ...[...get(OUT), ...get(AT), ...get(MASK), ...TRAILING_ZEROS, ...ADD, ...STORE],
  ...[...get(OUT), ...constant(4), ...ADD, ...set(OUT)],
  ...[
    ...get(MASK),
    ...get(MASK),
    ...constant(1),
    ...SUBTRACT,
    ...AND,
    ...tee(MASK),
    ...branchIf(0),
  ],
  ...END,
];

function body(width: number): number[] {
  const tables = Array.from({ length: 2 * width }, (_, i) => i);
  const bytes = Array.from({ length: width }, (_, k) => k);
  const code = [
    ...[...get(OUT), ...set(FIRST), ...constant(15), ...SPLAT, ...set(LOW_HALF)],
    ...tables.flatMap((i) => [...constant(0), ...load(16 * i), ...set(TABLES + i)]),
    ...[...LOOP, ...get(AT), ...get(LIMIT), ...LESS, ...IF],
    ...bytes.flatMap((k) => [...judged(k), ...(k > 0 ? VECTOR_AND : [])]),
    ...[...tee(FOUND), ...ANY_TRUE, ...IF, ...WRITE_FOUND, ...END],
    ...[...get(AT), ...constant(16), ...ADD, ...set(AT), ...branch(1), ...END, ...END],
    ...[...get(OUT), ...get(FIRST), ...SUBTRACT, ...constant(2), ...SHIFT_RIGHT, ...END],
  ];
  const locals = [2, 2, I32, TABLES - FOUND + 2 * width, V128];
  return [...locals, ...code];
}

const section = (id: number, content: readonly number[]): number[] => [
  id,
  ...unsigned(content.length),
  ...content,
];
const name = (text: string): number[] => [text.length, ...Buffer.from(text, 'latin1')];

/** Exports `memory`, of so many pages of 64 KiB, which begins with the tables, and `sieve(at, end, out)`. */
export function sieveModule(width: number, pages: number): Uint8Array<ArrayBuffer> {
  const code = body(width);
  return Uint8Array.from([
    ...[...Buffer.from('\0asm', 'latin1'), 1, 0, 0, 0],
    ...section(1, [1, 0x60, 3, I32, I32, I32, 1, I32]),
    ...section(3, [1, 0]),
    ...section(5, [1, 0, ...unsigned(pages)]),
    ...section(7, [2, ...name('memory'), 2, 0, ...name('sieve'), 0, 0]),
    ...section(10, [1, ...unsigned(code.length), ...code]),
  ]);
}
