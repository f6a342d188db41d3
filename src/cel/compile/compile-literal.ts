import { type EvaluationError, isEvaluationError } from "../../model/evaluation-error.ts";
import { charge } from "../../model/step-limit.ts";
import type { Evaluate, Frame } from "../functions/frame.ts";
import type { ListNode, MapNode, MessageNode } from "../syntax/ast.ts";
import { noSuchOverload } from "../values/errors.ts";
import { EntryMap } from "../values/map.ts";
import { CelOptional, type CelResult, type CelValue } from "../values/value.ts";
import { type Compiler, constant, constantValue } from "./compiler.ts";

/** Bytes that one element or entry of a literal is counted as. */
const bytesPerElement = 16;
const bytesPerEntry = 64;

/** A part of a literal: left out when it is marked with `?` and has no value. */
interface Part {
  readonly evaluate: Evaluate;
  readonly isOptional: boolean;
}

/** Returns the value of a part, undefined when it is left out. */
function evaluatePart({ evaluate, isOptional }: Part, frame: Frame): CelResult | undefined {
  const value = evaluate(frame);
  if (!isOptional || isEvaluationError(value)) return value;
  return value instanceof CelOptional ? value.value : noSuchOverload("optional");
}

/** Returns the closure of a list literal. */
export function compileList(node: ListNode, { compile }: Compiler): Evaluate {
  const parts = node.elements.map(({ value, isOptional }) => ({
    evaluate: compile(value),
    isOptional,
  }));
  if (parts.every(({ evaluate, isOptional }) => !isOptional && isConstant(evaluate))) {
    return constant(parts.map(({ evaluate }) => constantValue(evaluate) ?? null));
  }
  return (frame) => {
    const exceeded = charge(frame.budget, parts.length * bytesPerElement);
    if (exceeded !== undefined) return exceeded;
    const list: CelValue[] = [];
    for (const part of parts) {
      const value = evaluatePart(part, frame);
      if (isEvaluationError(value)) return value;
      if (value !== undefined) list.push(value);
    }
    return list;
  };
}

function isConstant(evaluate: Evaluate): boolean {
  return constantValue(evaluate) !== undefined;
}

/** Returns the closure of a map literal. */
export function compileMap(node: MapNode, { compile }: Compiler): Evaluate {
  const entries = node.entries.map(({ key, value, isOptional }) => ({
    key: compile(key),
    part: { evaluate: compile(value), isOptional },
  }));
  const evaluateEntries = (frame: Frame): (readonly [CelValue, CelValue])[] | EvaluationError => {
    const found: (readonly [CelValue, CelValue])[] = [];
    for (const { key, part } of entries) {
      const name = key(frame);
      if (isEvaluationError(name)) return name;
      const value = evaluatePart(part, frame);
      if (isEvaluationError(value)) return value;
      if (value !== undefined) found.push([name, value]);
    }
    return found;
  };
  const isFixed = entries.every(
    ({ key, part }) => !part.isOptional && isConstant(key) && isConstant(part.evaluate),
  );
  if (isFixed) {
    const pairs = entries.map(
      ({ key, part }) =>
        [constantValue(key) ?? null, constantValue(part.evaluate) ?? null] as const,
    );
    return constant(new EntryMap(pairs));
  }
  return (frame) => {
    const exceeded = charge(frame.budget, entries.length * bytesPerEntry);
    if (exceeded !== undefined) return exceeded;
    const found = evaluateEntries(frame);
    return isEvaluationError(found) ? found : new EntryMap(found);
  };
}

/** Returns the closure of a message literal. */
export function compileMessage(node: MessageNode, { compile, messages }: Compiler): Evaluate {
  const shape = messages.shape(node.typeName);
  if (shape === undefined) throw new Error(`the checker let type \`${node.typeName}\` pass`);
  const fields = node.fields.map(({ name, value, isOptional }) => ({
    name,
    part: { evaluate: compile(value), isOptional },
  }));
  return (frame) => {
    const exceeded = charge(frame.budget, (fields.length + 1) * bytesPerEntry);
    if (exceeded !== undefined) return exceeded;
    const values = new Map<string, CelValue>();
    for (const { name, part } of fields) {
      const value = evaluatePart(part, frame);
      if (isEvaluationError(value)) return value;
      if (value !== undefined) values.set(name, value);
    }
    return shape.build(values);
  };
}
