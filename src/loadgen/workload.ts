import type { CheckSpec } from "../grpc-client/check-spec.ts";
import { createCheckTemplates, type PreparedCheck } from "../grpc-client/check-template.ts";

/** An endless row of requests. */
export interface Workload {
  next(): PreparedCheck;
}

/**
 * Returns the requests in turn, again and again, each time with other ids, time and source port. The order is shuffled,
 * but the same in every run.
 *
 * @throws RangeError when there is no request
 */
export function createWorkload(specs: readonly CheckSpec[]): Workload {
  if (specs.length === 0) throw new RangeError("a workload needs at least one request");
  let seed = 1;
  const nextSeed = (): number => {
    // A linear congruential generator of full period: no two of 2 ** 32 calls are alike.
    seed = (Math.imul(seed, 1_664_525) + 1_013_904_223) >>> 0;
    return seed;
  };
  const templates = createCheckTemplates(specs);
  for (let last = templates.length - 1; last > 0; last--) {
    const other = Math.floor((nextSeed() / 2 ** 32) * (last + 1));
    const [a, b] = [templates[last], templates[other]];
    if (a !== undefined && b !== undefined) [templates[last], templates[other]] = [b, a];
  }
  let position = 0;
  return {
    next() {
      const template = templates[position];
      position = (position + 1) % templates.length;
      if (template === undefined) throw new RangeError("unreachable: the position is in range");
      return template.take(nextSeed(), Date.now());
    },
  };
}
