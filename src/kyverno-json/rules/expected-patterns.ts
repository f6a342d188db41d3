import { isPlainArray, isPlainObject } from "../../go-values/semantics.ts";
import type { Value } from "../../go-values/value.ts";
import type { CompiledExpression } from "../../jmespath/compile/compile.ts";
import type { FunctionRow } from "../../jmespath/functions/function-table.ts";
import type { EvaluationLimits } from "../../model/limits.ts";
import type { Steps } from "../../model/resumable.ts";

/** So many texts of one policy are taken for patterns; what comes on top is made ready when a request asks for it. */
const maxPatterns = 10_000;

/** Collects what may be the patterns of calls to which only a request says which one. */
export class ExpectedPatterns {
  readonly #rows = new Set<FunctionRow>();
  readonly #texts = new Set<string>();
  readonly #seen = new Set<Value>();

  /** Takes note of an expression of the policy. */
  add({ expecting, literals }: CompiledExpression): void {
    for (const row of expecting) if (row.expect !== undefined) this.#rows.add(row);
    for (const value of literals) this.#addTexts(value);
  }

  /** Has the functions make ready what they may be asked for. */
  *prepareSteps(limits: EvaluationLimits): Steps<undefined> {
    for (const row of this.#rows) {
      for (const text of this.#texts) {
        yield;
        row.expect?.(text, limits);
      }
    }
    return undefined;
  }

  /** An array or object is looked into once: a constant may hold the same one many times, at any depth. */
  #addTexts(first: Value): void {
    const pending: Value[] = [first];
    while (pending.length > 0 && this.#texts.size < maxPatterns) {
      const value = pending.pop() ?? null;
      if (typeof value === "string") {
        this.#texts.add(value);
      } else if ((isPlainArray(value) || isPlainObject(value)) && !this.#seen.has(value)) {
        this.#seen.add(value);
        for (const member of Object.values(value)) pending.push(member);
      }
    }
  }
}
