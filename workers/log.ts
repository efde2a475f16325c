/** One JSON line a fact, on standard output. */
import { type Logger, pino } from 'pino';
import type { Config } from '../src/config.ts';

export type { Logger };

export const createLog = (config: Pick<Config, 'LOG_LEVEL'>): Logger =>
  pino({
    level: config.LOG_LEVEL,
    base: { pid: process.pid },
    timestamp: pino.stdTimeFunctions.isoTime,
    redact: ['headers.authorization', 'headers.cookie', 'req.headers.authorization'],
  });
