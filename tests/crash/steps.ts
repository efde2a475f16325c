/** Where a process can be killed: before and after every function that the story and intake are handed. */

/**
 * All of them by name. steps.test.ts holds this list equal to what the victim finds in the real objects, so that a
 * function added there is a step added here.
 */
export const STEPS = [
  // the story of a run
  'claim',
  'ask',
  'release',
  'fetch',
  'recall',
  'write',
  'parse',
  'finish',
  'postpone',
  'retryLater',
  'fail',
  // intake, what fills the queue, what puts jobs back
  'accept',
  'offer',
  'put',
  'due',
  'jobless',
  // by hand
  'retry',
  'drop',
  // webhooks
  'hook.busy',
  'hook.derive',
  'hook.claim',
  'hook.send',
  'hook.delivered',
  'hook.notDelivered',
  'hook.settle',
  'hook.takeBack',
] as const;
export type Step = (typeof STEPS)[number];

/**
 * Functions of the same objects that no kill belongs to: they compute, read a number for a metric or a limit, or are passed
 * only by what the matrix does not order (a takedown).
 */
export const NOT_STEPS = [
  ...(['retryAt', 'now', 'open'] as const),
  ...(['hook.oldest', 'hook.withheld'] as const),
] as const;

export type Point = `${Step}:${'before' | 'after'}`;
export const POINTS: readonly Point[] = STEPS.flatMap(
  (step) => [`${step}:before`, `${step}:after`] as const,
);

/** Passed once an order, or once a look; the others are passed once a run, so that the n-th time is worth a die. */
const ONCE = new Set<string>([
  ...['accept', 'offer', 'put', 'retry', 'drop', 'fail', 'retryLater', 'postpone', 'recall'],
  ...['hook.settle', 'hook.takeBack', 'hook.notDelivered'],
]);
export const isPassedOnce = (point: string): boolean => ONCE.has(point.split(':')[0] ?? '');

/** What a sole owner of its data directory does when it starts. */
export const ONLY_EMBEDDED = /^hook\.takeBack:/;

/** Passed only when somebody asks for it over the API. */
export const BY_HAND = /^(?:retry|recall|drop):/;
