import { type EvaluationError, isEvaluationError } from "../../model/evaluation-error.ts";
import type { Evaluate } from "../functions/frame.ts";
import type { SelectNode } from "../syntax/ast.ts";
import { noSuchKey, valueError } from "../values/errors.ts";
import { CelMap } from "../values/map.ts";
import { CelMessage } from "../values/message.ts";
import { CelOptional, type CelResult, type CelValue, noValue } from "../values/value.ts";
import { compileFieldPath } from "./compile-field-path.ts";
import type { Compiler } from "./compiler.ts";

/** Returns the closure of `operand.field`, `operand.?field` or `has(operand.field)`. */
export function compileSelect(node: SelectNode, compiler: Compiler): Evaluate {
  const { field, isOptional, isTest } = node;
  const path = isOptional ? undefined : compileFieldPath(node, compiler);
  if (path !== undefined) return path;
  const operand = compiler.compile(node.operand);
  const read = isTest ? testField : isOptional ? readOptionalField : readField;
  return (frame) => {
    const value = operand(frame);
    return isEvaluationError(value) ? value : read(value, field);
  };
}

/** Returns the value of a field; of an optional, an optional of it. */
function readField(value: CelValue, field: string): CelResult {
  if (value instanceof CelMap) {
    const found = value.get(field);
    return found === undefined ? noSuchKey(field) : found;
  }
  if (value instanceof CelMessage) {
    const found = value.get(field);
    return found === undefined ? noSuchField(field) : found;
  }
  if (value instanceof CelOptional) return readOptionalField(value, field);
  return valueError(`no such field: ${field}`);
}

function readOptionalField(value: CelValue, field: string): CelResult {
  if (value instanceof CelOptional) {
    return value.value === undefined ? noValue : readOptionalField(value.value, field);
  }
  if (value instanceof CelMap) {
    const found = value.get(field);
    return found === undefined ? noValue : new CelOptional(found);
  }
  // What has no fields at all has none by this name.
  if (!(value instanceof CelMessage)) return noValue;
  const found = value.get(field);
  if (found === undefined) return noSuchField(field);
  if (!value.has(field)) return noValue;
  return isEvaluationError(found) ? found : new CelOptional(found);
}

/** Returns whether a field is set; of an optional without a value, that it is not. */
function testField(value: CelValue, field: string): CelResult {
  if (value instanceof CelMap) return value.has(field);
  if (value instanceof CelMessage) {
    return value.get(field) === undefined ? noSuchField(field) : value.has(field);
  }
  if (value instanceof CelOptional) {
    return value.value !== undefined && testField(value.value, field);
  }
  return false;
}

function noSuchField(field: string): EvaluationError {
  return valueError(`no such field: ${field}`);
}
