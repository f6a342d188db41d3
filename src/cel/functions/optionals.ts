import { valueError } from "../values/errors.ts";
import { CelMap } from "../values/map.ts";
import { CelMessage } from "../values/message.ts";
import {
  CelDuration,
  CelOptional,
  CelTimestamp,
  CelUint,
  type CelValue,
  isList,
  noValue,
} from "../values/value.ts";
import {
  anyOf,
  type CelFunction,
  define,
  defineMethod,
  listOf,
  optionalOf,
  types,
} from "./define.ts";

const { bool } = types;
const a = anyOf("A");
const optional = optionalOf(a);

/** Returns whether the value is the zero of its type. */
function isZero(value: CelValue): boolean {
  if (value === null || value === false || value === "" || value === 0n || value === 0) return true;
  if (value instanceof CelUint) return value.value === 0n;
  if (value instanceof CelDuration) return value.nanos === 0n;
  if (value instanceof CelTimestamp) return value.nanos === -62_135_596_800_000_000_000n;
  if (value instanceof Uint8Array || isList(value)) return value.length === 0;
  if (value instanceof CelMap) return value.size === 0;
  if (value instanceof CelMessage) return ![...value.setFields()].some(() => true);
  return value instanceof CelOptional && value.value === undefined;
}

function unwrapAll(list: readonly CelValue[]): readonly CelValue[] {
  return list.flatMap((element) => {
    if (!(element instanceof CelOptional)) return [element];
    return element.value === undefined ? [] : [element.value];
  });
}

/** Optional values; `or`, `orValue`, `optMap` and `optFlatMap` are known to the compiler. */
export const optionals: readonly CelFunction[] = [
  define("optional.of", [a], optional, (_, value) => new CelOptional(value)),
  define("optional.none", [], optional, () => noValue),
  define("optional.ofNonZeroValue", [a], optional, (_, value) =>
    isZero(value) ? noValue : new CelOptional(value),
  ),
  define("optional.unwrap", [listOf(optional)], listOf(a), (_, list) => unwrapAll(list)),
  defineMethod("unwrapOpt", [listOf(optional)], listOf(a), (_, list) => unwrapAll(list)),
  defineMethod("hasValue", [optional], bool, (_, { value }) => value !== undefined),
  defineMethod("value", [optional], a, (_, { value }) =>
    value === undefined ? valueError("optional.none() dereference") : value,
  ),
  defineMethod("or", [optional, optional], optional, (_, first, second) =>
    first.value === undefined ? second : first,
  ),
  defineMethod("orValue", [optional, a], a, (_, { value }, other) => value ?? other),
  defineMethod("first", [listOf(a)], optional, (_, list) => new CelOptional(list[0])),
  defineMethod("last", [listOf(a)], optional, (_, list) => new CelOptional(list.at(-1))),
];
