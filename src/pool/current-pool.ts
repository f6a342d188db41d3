import type { PayloadReads } from "../model/payload-reads.ts";
import { type Dispatcher, PoolError } from "./dispatcher.ts";

/** A dispatcher whose pool is replaced when policies change, so that doors need not know. */
export interface CurrentPool extends Pick<Dispatcher, "serving" | "dispatch" | "close"> {
  /** From now on requests go to this pool; returns the one before, for draining. */
  replace(pool: Dispatcher): Dispatcher | undefined;
}

const readsNothing: PayloadReads = [];

const noPool: ReturnType<Dispatcher["serving"]> = {
  revision: "",
  reads: () => readsNothing,
  dispatch(_input, _deadline, done) {
    done(new PoolError("POOL_NOT_READY"));
  },
  dropOverdue() {},
};

/** Returns a dispatcher that refuses everything until it is given a pool. */
export function createCurrentPool(): CurrentPool {
  let current: Dispatcher | undefined;
  return {
    serving: () => current ?? noPool,
    dispatch(input, deadline, done, isGone) {
      (current ?? noPool).dispatch(input, deadline, done, isGone);
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
