import { isAscii, toRunes } from "../../go-values/go-string.ts";
import { elementsOf, fieldOf } from "../../go-values/semantics.ts";
import { BYTES_PER_SINGLE } from "../../go-values/text-cost.ts";
import type { Result, Value } from "../../go-values/value.ts";
import type { Budget } from "../../model/budget.ts";
import { EvaluationError } from "../../model/evaluation-error.ts";
import { charge, chargeElements, spend } from "../../model/step-limit.ts";
import type { Ast, ChainNode, FieldNode, IndexNode, SliceNode } from "../syntax/ast.ts";
import type { CompileContext, Expression } from "./expression.ts";

/** Returns a closure that reads one field of the current value. */
export function compileField(node: FieldNode): Expression {
  const { name } = node;
  return (current) => fieldOf(current, name);
}

/** Returns a closure that takes the steps in turn and ends at the first null; runs of fields are one step. */
export function compilePath(node: ChainNode<"path">, context: CompileContext): Expression {
  const steps: Expression[] = [];
  let names: string[] = [];
  for (const [i, step] of node.steps.entries()) {
    if (step.kind === "field") {
      names.push(step.name);
    } else {
      addFields(steps, names);
      names = [];
      if (!isIdle(step, node.steps[i + 1])) steps.push(context.compile(step, context));
    }
  }
  addFields(steps, names);
  const [first, second] = steps;
  if (first === undefined) return (current) => current;
  if (second === undefined) return first;
  return steps.length === 2 ? followTwo(first, second) : followAll(steps);
}

/** Returns a closure that takes one element of the current array, counted from the end when negative. */
export function compileIndex(node: IndexNode): Expression {
  const { index } = node;
  return (current) => {
    const elements = elementsOf(current);
    return elements === undefined ? null : (elements.at(index) ?? null);
  };
}

/** Returns a closure that slices the current array as Python does, or a string by code points. */
export function compileSlice(node: SliceNode): Expression {
  const invalid = new EvaluationError("EVALUATION_VALUE", "invalid slice, step cannot be 0");
  const hasNoStep = node.step === 0;
  return (current, scope) => {
    if (typeof current === "string") {
      if (hasNoStep) return null;
      const refusal = spend(scope.budget, current.length >> 3);
      return refusal ?? sliceText(current, node, scope.budget);
    }
    const elements = elementsOf(current);
    if (elements === undefined) return null;
    if (hasNoStep) return invalid;
    const refusal =
      spend(scope.budget, elements.length) ?? chargeElements(scope.budget, elements.length);
    return refusal ?? slice(elements, node);
  };
}

/** Returns whether the step can be left out: `@` only ends the path at null, and these steps make null of null anyway. */
function isIdle(step: Ast, next: Ast | undefined): boolean {
  if (step.kind !== "current") return false;
  return next?.kind === "field" || next?.kind === "index" || next?.kind === "slice";
}

function addFields(steps: Expression[], names: readonly string[]): void {
  const [first, second] = names;
  if (first === undefined) return;
  if (second === undefined) steps.push((current) => fieldOf(current, first));
  else if (names.length === 2) steps.push((current) => fieldOf(fieldOf(current, first), second));
  else steps.push((current) => fieldAt(current, names));
}

function fieldAt(value: Value, names: readonly string[]): Value {
  let at = value;
  for (const name of names) at = fieldOf(at, name);
  return at;
}

function followTwo(first: Expression, second: Expression): Expression {
  return (current, scope) => {
    const value = first(current, scope);
    if (value === null || value instanceof EvaluationError) return value;
    return second(value, scope);
  };
}

function followAll(steps: readonly Expression[]): Expression {
  return (current, scope) => {
    let value: Value = current;
    for (const step of steps) {
      const next = step(value, scope);
      if (next === null || next instanceof EvaluationError) return next;
      value = next;
    }
    return value;
  };
}

/** Of ASCII text every unit is a character; of any other each becomes a text of its own first. */
function sliceText(text: string, node: SliceNode, budget: Budget): Result {
  if (isAscii(text)) {
    const isRun = (node.step ?? 1) === 1;
    if (isRun) return text.slice(...sliceBounds(node, text.length));
  }
  return charge(budget, text.length * BYTES_PER_SINGLE) ?? slice(toRunes(text), node).join("");
}

function sliceBounds(node: SliceNode, length: number): [start: number, stop: number] {
  const step = node.step ?? 1;
  return [
    bound(node.start, step > 0 ? 0 : length - 1, length, step),
    bound(node.stop, step > 0 ? length : -1, length, step),
  ];
}

function slice<T extends Value>(elements: readonly T[], node: SliceNode): T[] {
  const step = node.step ?? 1;
  const { length } = elements;
  const [start, stop] = sliceBounds(node, length);
  const result: T[] = [];
  for (let i = start; step > 0 ? i < stop : i > stop; i += step) {
    const element = elements[i];
    if (element !== undefined) result.push(element);
  }
  return result;
}

function bound(at: number | undefined, missing: number, length: number, step: number): number {
  if (at === undefined) return missing;
  const fromStart = at < 0 ? at + length : at;
  return step > 0
    ? Math.min(Math.max(fromStart, 0), length)
    : Math.min(Math.max(fromStart, -1), length - 1);
}
