import { type Dispatcher, PoolError } from "./dispatcher.ts";

/** A dispatcher whose pool is replaced when policies change, so that doors need not know. */
export interface CurrentPool extends Omit<Dispatcher, "ready"> {
  /** From now on requests go to this pool; returns the one before, for draining. */
  replace(pool: Dispatcher): Dispatcher | undefined;
}

/** A dispatcher that refuses everything until it is given a pool. */
export function createCurrentPool(): CurrentPool {
  let current: Dispatcher | undefined;
  return {
    dispatch(input, deadlineMs, done) {
      if (current === undefined) done(new PoolError("POOL_NOT_READY"));
      else current.dispatch(input, deadlineMs, done);
    },
    replace(pool) {
      const before = current;
      current = pool;
      return before;
    },
    async close(graceMs) {
      await current?.close(graceMs);
    },
  };
}
