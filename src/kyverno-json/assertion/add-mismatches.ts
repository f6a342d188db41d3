import type { Fail } from "./mismatch.ts";

/** Returns all fails in one list, which is the first list where there is one; undefined when there are none. */
export function addFails(fails: Fail[] | undefined, more: Fail[] | undefined): Fail[] | undefined {
  if (fails === undefined || more === undefined) return fails ?? more;
  // Not by spreading: the number of arguments of a call is limited.
  for (const fail of more) fails.push(fail);
  return fails;
}
