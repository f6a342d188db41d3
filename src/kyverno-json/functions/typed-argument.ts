import type { Value } from "../../go-values/value.ts";

/** Returns the argument as a string, which the type check before the body has made sure of. */
export function stringArgument(value: Value | undefined): string {
  if (typeof value !== "string") throw new TypeError("the argument is not a string");
  return value;
}

/** Returns the argument as a number, which the type check before the body has made sure of. */
export function numberArgument(value: Value | undefined): number {
  if (typeof value !== "number") throw new TypeError("the argument is not a number");
  return value;
}
