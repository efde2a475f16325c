/**
 * The coarse half of the marker search: where in the bytes five in a row look like those of a pattern. Each byte is judged
 * by its two halves, for eight groups of patterns at once ("Teddy", as in Hyperscan and Rust's aho-corasick): sixteen places
 * a step with WebAssembly's vectors, one at a time in plain JavaScript where there are none.
 */
import { sieveModule } from './sieve-wasm.ts';

/** How many bytes in a row are judged. */
export const WIDTH = 5;
export const GROUPS = 8;

/** For each of the five bytes 16 entries by its low half, then 16 by its high half: a bit for each group it may stand in. */
export type Halves = Uint8Array;
export const HALVES = WIDTH * 32;

/** Gets `count` offsets, relative to `base`, in order; false ends the search. `at` is used again for the next. */
export type Visit = (at: Uint32Array, count: number, base: number) => boolean;
export type Sieve = (bytes: Uint8Array, visit: Visit) => void;

/** A piece and what is found in it stay in the cache. */
const PIECE = 32 * 1024;
const INPUT = 1024;
const OUTPUT = INPUT + PIECE + 1024;
const MARGIN = 32;

export const compileSieve = (halves: Halves): Sieve => vectorSieve(halves) ?? plainSieve(halves);

/** Null where the machine has no vectors, or WebAssembly is switched off. */
export function vectorSieve(halves: Halves): Sieve | null {
  const exported = instance();
  if (!exported) return null;
  const { memory, sieve } = exported;
  const bytesIn = new Uint8Array(memory.buffer);
  const found = new Uint32Array(memory.buffer, OUTPUT);
  bytesIn.set(halves);
  return (bytes, visit) => {
    for (let base = 0; base < bytes.length; base += PIECE) {
      const piece = bytes.subarray(base, base + PIECE + WIDTH);
      bytesIn.set(piece, INPUT);
      // What an earlier piece left behind must not be read as this one's.
      bytesIn.fill(0, INPUT + piece.length, INPUT + piece.length + MARGIN);
      const end = INPUT + Math.min(PIECE, piece.length);
      const count = sieve(INPUT, end, OUTPUT);
      if (count > 0 && !visit(found, count, base - INPUT)) return;
    }
  };
}

interface Exported {
  readonly memory: { readonly buffer: ArrayBuffer };
  readonly sieve: (at: number, end: number, out: number) => number;
}

/** What is used of WebAssembly, whose types come with a browser's; absent where Node was started without it. */
interface Engine {
  readonly Module: new (bytes: Uint8Array) => object;
  readonly Instance: new (module: object) => { readonly exports: unknown };
}

function instance(): Exported | null {
  const { WebAssembly: engine } = globalThis as { readonly WebAssembly?: Engine };
  if (!engine) return null;
  try {
    const pages = Math.ceil((OUTPUT + (PIECE + 16) * 4) / 65_536);
    return new engine.Instance(new engine.Module(sieveModule(WIDTH, pages))).exports as Exported;
  } catch {
    return null;
  }
}

/** The same judgement by a table of whole bytes. */
export function plainSieve(halves: Halves): Sieve {
  const may = new Uint8Array(WIDTH * 256);
  for (let i = 0; i < may.length; i++) {
    const at = (i >> 8) * 32;
    may[i] = (halves[at + (i & 15)] ?? 0) & (halves[at + 16 + ((i & 255) >> 4)] ?? 0);
  }
  const found = new Uint32Array(PIECE);
  return (bytes, visit) => {
    for (let base = 0; base < bytes.length; base += PIECE) {
      const count = sievePiece({ bytes, base, may }, found);
      if (count > 0 && !visit(found, count, base)) return;
    }
  };
}

interface Piece {
  readonly bytes: Uint8Array;
  readonly base: number;
  readonly may: Uint8Array;
}

function sievePiece({ bytes, base, may }: Piece, found: Uint32Array): number {
  const end = Math.min(base + PIECE, bytes.length - WIDTH + 1);
  let count = 0;
  for (let i = base; i < end; i++) {
    let groups =
      (may[bytes[i] as number] as number) & (may[256 + (bytes[i + 1] as number)] as number);
    for (let k = 2; groups !== 0 && k < WIDTH; k++) {
      groups &= may[k * 256 + (bytes[i + k] as number)] as number;
    }
    if (groups !== 0) found[count++] = i - base;
  }
  return count;
}
