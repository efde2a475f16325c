/** Finds the networks: every folder beside this file. Nothing names them, so adding one touches its folder alone. */
import { readdirSync } from 'node:fs';
import type { Network } from '../extract/network.ts';

const extension = import.meta.url.endsWith('.ts') ? 'ts' : 'js';
const folders = readdirSync(new URL('.', import.meta.url), { withFileTypes: true })
  .filter((entry) => entry.isDirectory())
  .map((entry) => entry.name)
  .sort();

const modules = await Promise.all(
  folders.map(
    async (folder) =>
      (await import(`./${folder}/index.${extension}`).catch((cause: unknown) => {
        throw new Error(`src/networks/${folder} cannot be loaded`, { cause });
      })) as { readonly network: Network },
  ),
);

/** In the order of their names; rules of different networks never compete, since one address has one network. */
export const networks: readonly Network[] = modules.map((module) => module.network);
