/** How processes and commands end, after sysexits.h where it has a number. One table for all; README.md lists it. */
import type { ErrorCode } from './errors.ts';

export const EXIT = {
  ok: 0,
  /** Some of what was asked failed; the output says what. */
  failed: 1,
  usage: 2,
  /** EX_UNAVAILABLE: what is needed cannot be reached now, or takes nothing for now. */
  unavailable: 69,
  /** EX_TEMPFAIL: another process has the data directory. */
  locked: 75,
  /** EX_CONFIG: nothing but another configuration helps. */
  config: 78,
} as const;

const EXIT_OF: Partial<Record<ErrorCode, number>> = {
  CONFIG_INVALID: EXIT.config,
  REDIS_UNSAFE: EXIT.config,
  SCHEMA_NEWER: EXIT.config,
  DATA_DIR_LOCKED: EXIT.locked,
  STORE_UNAVAILABLE: EXIT.unavailable,
  SERVER_UNREACHABLE: EXIT.unavailable,
  QUEUE_UNAVAILABLE: EXIT.unavailable,
  INTAKE_PAUSED: EXIT.unavailable,
  RATE_LIMITED_INTAKE: EXIT.unavailable,
};

export const exitCodeOf = (code: ErrorCode): number => EXIT_OF[code] ?? EXIT.failed;
