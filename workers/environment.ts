/** Every process reads its settings here, once: the environment wins over `.env` in the working directory. */
import { existsSync } from 'node:fs';
import { type Config, readConfig } from '../src/config.ts';

export function loadConfig(): Config {
  if (existsSync('.env')) process.loadEnvFile('.env');
  return readConfig(process.env);
}
