/** Query strings into filters: what is not set is not there (the compiler tells `undefined` from absent). */

type Defined<T> = { [K in keyof T]: Exclude<T[K], undefined> };

export const defined = <T extends object>(query: T): Defined<T> =>
  Object.fromEntries(
    Object.entries(query).filter(([, value]) => value !== undefined),
  ) as Defined<T>;
