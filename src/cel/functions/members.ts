import { type EvaluationError, isEvaluationError } from "../../model/evaluation-error.ts";
import { noSuchKey, valueError } from "../values/errors.ts";
import { CelMap } from "../values/map.ts";
import {
  type CelList,
  CelOptional,
  type CelResult,
  CelUint,
  type CelValue,
  isList,
  noValue,
} from "../values/value.ts";

/** Returns the element at an index, which may be any whole number; undefined outside the list. */
function elementAt(list: CelList, index: CelValue): CelValue | undefined | EvaluationError {
  const place = index instanceof CelUint ? index.value : index;
  const isWhole =
    typeof place === "bigint" || (typeof place === "number" && Number.isInteger(place));
  if (!isWhole) return valueError("unsupported index value");
  const position = Number(place);
  return position < 0 ? undefined : list[position];
}

/** Returns the element at an index, or the error that there is none. */
export function element(list: CelList, at: CelValue): CelResult {
  const found = elementAt(list, at);
  return found === undefined ? valueError("index out of bounds") : found;
}

/** Returns the value of a key, or the error that there is none. */
export function member(map: CelMap, key: CelValue): CelResult {
  const found = map.get(key);
  return found === undefined ? noSuchKey(renderKey(key)) : found;
}

function renderKey(key: CelValue): string {
  if (key instanceof CelUint) return String(key.value);
  return typeof key === "object" ? "(a value)" : String(key);
}

/** Returns an optional of what a list, a map, or an optional of one has at a key; of anything else, nothing. */
export function optionalMember(container: CelValue, key: CelValue): CelResult {
  if (container instanceof CelOptional) {
    return container.value === undefined ? noValue : optionalMember(container.value, key);
  }
  if (container instanceof CelMap) {
    const found = container.get(key);
    return found === undefined ? noValue : new CelOptional(found);
  }
  if (!isList(container)) return noValue;
  const found = elementAt(container, key);
  if (isEvaluationError(found)) return found;
  return found === undefined ? noValue : new CelOptional(found);
}
