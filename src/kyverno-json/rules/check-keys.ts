import { fieldOf } from "../../go-values/semantics.ts";
import type { Value } from "../../go-values/value.ts";
import type { CallSite } from "../../jmespath/compile/expression.ts";
import { isEvaluationError } from "../../model/evaluation-error.ts";
import type { Variables } from "../assertion/tree.ts";
import { judgeTokenKey, type KeyFault } from "../functions/token-decoder.ts";

/** Returns what is wrong with the keys of the `jwt_decode` calls, where they are the same for every request. */
export function checkKeys(
  calls: readonly CallSite[],
  variables: Variables,
): (KeyFault & { readonly offset: number })[] {
  return calls.flatMap((call) => {
    const key = takesKey(call) ? lastArgument(call, variables) : undefined;
    if (typeof key !== "string") return [];
    return judgeTokenKey(key).map((fault) => ({ ...fault, offset: call.offset }));
  });
}

/** Returns whether a call is given a key. */
export function takesKey({ name }: CallSite): boolean {
  return name === "jwt_decode";
}

function lastArgument({ last, lastVariable }: CallSite, variables: Variables): Value | undefined {
  if (last !== undefined) return isEvaluationError(last) ? undefined : last;
  if (lastVariable === undefined) return undefined;
  const [name, ...fields] = lastVariable;
  return fields.reduce<Value | undefined>(
    (value, field) => value && fieldOf(value, field),
    variables.get(name),
  );
}
