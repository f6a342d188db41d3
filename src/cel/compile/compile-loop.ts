import { type EvaluationError, isEvaluationError } from "../../model/evaluation-error.ts";
import { charge, mustDeny, spend } from "../../model/step-limit.ts";
import type { Evaluate, Frame } from "../functions/frame.ts";
import type { LoopNode } from "../syntax/ast.ts";
import { noSuchOverload } from "../values/errors.ts";
import { CelMap } from "../values/map.ts";
import { type CelResult, type CelValue, isList } from "../values/value.ts";
import type { Compiler } from "./compiler.ts";

/** Bytes that one element of a list that is built is counted as. */
const bytesPerElement = 16;

/** One macro's loop: what it computes from the elements of its range. */
type Loop = (frame: Frame, elements: Iterable<CelValue>) => CelResult;

/** Returns the closure of a macro that goes through a list, or through the keys of a map. */
export function compileLoop(node: LoopNode, compiler: Compiler): Evaluate {
  const range = compiler.compile(node.range);
  const loop = compiler.within(node.variable, (place) => compileBody(node, compiler, place));
  return (frame) => {
    const elements = range(frame);
    if (isEvaluationError(elements)) return elements;
    if (isList(elements)) return loop(frame, elements);
    return elements instanceof CelMap ? loop(frame, elements.keys()) : noSuchOverload(node.macro);
  };
}

function compileBody(node: LoopNode, { compile }: Compiler, place: number): Loop {
  const predicate = node.predicate === undefined ? undefined : compile(node.predicate);
  const transform = node.transform === undefined ? undefined : compile(node.transform);
  switch (node.macro) {
    case "all":
      return searchLoop(place, required(predicate), false);
    case "exists":
      return searchLoop(place, required(predicate), true);
    case "existsOne":
      return countLoop(place, required(predicate));
    case "filter":
      return collectLoop(place, predicate, undefined);
    case "map":
      return collectLoop(place, predicate, required(transform));
  }
}

function required(evaluate: Evaluate | undefined): Evaluate {
  if (evaluate === undefined) throw new Error("a macro has the parts that its name asks for");
  return evaluate;
}

/** `all` and `exists`: the deciding value of one element wins over errors of others. */
function searchLoop(place: number, predicate: Evaluate, deciding: boolean): Loop {
  return (frame, elements) => {
    let failed: EvaluationError | undefined;
    for (const element of elements) {
      const result = evaluateFor(frame, place, element, predicate);
      if (result === deciding) return deciding;
      if (typeof result === "boolean") continue;
      const error = isEvaluationError(result) ? result : noSuchOverload("@not_strictly_false");
      if (mustDeny(error)) return error;
      failed ??= error;
    }
    return failed ?? !deciding;
  };
}

function countLoop(place: number, predicate: Evaluate): Loop {
  return (frame, elements) => {
    let count = 0;
    for (const element of elements) {
      const result = evaluateFor(frame, place, element, predicate);
      if (typeof result !== "boolean") return asError(result, "exists_one");
      if (result) count += 1;
    }
    return count === 1;
  };
}

function collectLoop(
  place: number,
  predicate: Evaluate | undefined,
  transform: Evaluate | undefined,
): Loop {
  return (frame, elements) => {
    const collected: CelValue[] = [];
    for (const element of elements) {
      const kept = predicate === undefined || evaluateFor(frame, place, element, predicate);
      if (typeof kept !== "boolean") return asError(kept, "filter");
      if (!kept) continue;
      const exceeded = charge(frame.budget, bytesPerElement);
      if (exceeded !== undefined) return exceeded;
      const value =
        transform === undefined ? element : evaluateFor(frame, place, element, transform);
      if (isEvaluationError(value)) return value;
      collected.push(value);
    }
    return collected;
  };
}

function evaluateFor(
  frame: Frame,
  place: number,
  element: CelValue,
  evaluate: Evaluate,
): CelResult {
  const exceeded = spend(frame.budget, 1);
  if (exceeded !== undefined) return exceeded;
  frame.locals[place] = element;
  return evaluate(frame);
}

function asError(result: CelResult, name: string): EvaluationError {
  return isEvaluationError(result) ? result : noSuchOverload(name);
}
