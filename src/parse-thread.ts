/** A thread of the parse pool: takes a page, answers what the engine saw in it. */
import { parentPort } from 'node:worker_threads';
import type { ExtractOptions } from './embed.ts';
import { toFailure } from './errors.ts';
import { extract } from './extract/index.ts';

export interface ParseOrder {
  readonly bytes: Uint8Array;
  readonly options: ExtractOptions;
}

parentPort?.on('message', ({ bytes, options }: ParseOrder) => {
  try {
    parentPort?.postMessage({ extraction: extract(bytes, options) });
  } catch (thrown) {
    parentPort?.postMessage({ failure: toFailure(thrown) });
  }
});
parentPort?.postMessage('ready');
