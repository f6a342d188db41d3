import type { Overload } from "../types/declarations.ts";
import {
  boolType,
  bytesType,
  type CelType,
  doubleType,
  durationType,
  dynType,
  intType,
  listType,
  mapType,
  messageType,
  nullType,
  opaqueType,
  optionalType,
  parameterType,
  stringType,
  timestampType,
  uintType,
} from "../types/type.ts";
import { CelMap } from "../values/map.ts";
import { CelMessage } from "../values/message.ts";
import {
  CelDuration,
  type CelList,
  type CelOpaque,
  CelOptional,
  type CelResult,
  CelTimestamp,
  CelUint,
  type CelValue,
  isList,
} from "../values/value.ts";
import type { Frame } from "./frame.ts";

/** A static type together with the test for its values at run time, which only looks at the outermost kind. */
export interface Typed<T extends CelValue> {
  readonly type: CelType;
  readonly is: (value: CelValue) => value is T;
}

/** One signature of a function, with what it does. */
export interface CelFunction extends Overload {
  readonly name: string;
  /** Why no policy may call it here, though it is a right call of the original's; a fault when a policy is loaded. */
  readonly unavailable?: string;
  /** Returns a warning on a key, if one is among the arguments, of which the texts are given that the expression spells out. */
  readonly warnOfKey?: (literals: readonly (string | undefined)[]) => string | undefined;
  /** Whether the result depends on more than the arguments: the time, or the world outside. Default false. */
  readonly dependsOnFrame?: boolean;
  /** Tell, each of one argument, whether it has the type of the signature; the target first. */
  readonly tests: readonly ((value: CelValue) => boolean)[];
  /** Returns whether the arguments, the target first, have the types of the signature. */
  readonly takes: (args: readonly CelValue[]) => boolean;
  /** Computes the result of arguments that the signature takes. */
  apply(frame: Frame, ...args: readonly CelValue[]): CelResult;
}

type Values<P extends readonly Typed<CelValue>[]> = {
  [I in keyof P]: P[I] extends Typed<infer T> ? T : never;
};

/** Returns a function that is called by its name. */
export function define<const P extends readonly Typed<CelValue>[]>(
  name: string,
  parameters: P,
  result: Typed<CelValue> | CelType,
  apply: (frame: Frame, ...args: Values<P>) => CelResult,
): CelFunction {
  return build(name, false, parameters, result, apply);
}

/** Returns a function that is called as a method of its first parameter. */
export function defineMethod<const P extends readonly Typed<CelValue>[]>(
  name: string,
  parameters: P,
  result: Typed<CelValue> | CelType,
  apply: (frame: Frame, ...args: Values<P>) => CelResult,
): CelFunction {
  return build(name, true, parameters, result, apply);
}

function build<const P extends readonly Typed<CelValue>[]>(
  name: string,
  isMethod: boolean,
  parameters: P,
  result: Typed<CelValue> | CelType,
  apply: (frame: Frame, ...args: Values<P>) => CelResult,
): CelFunction {
  const isValues = (args: readonly CelValue[]): args is Values<P> =>
    args.length === parameters.length &&
    parameters.every(({ is }, index) => {
      const value = args[index];
      return value !== undefined && is(value);
    });
  return {
    name,
    isMethod,
    parameters: parameters.map(({ type }) => type),
    result: "is" in result ? result.type : result,
    tests: parameters.map(({ is }) => is),
    takes: isValues,
    // Callers ask `takes` first: the types of the arguments are those of the parameters.
    apply,
  };
}

function isNull(value: CelValue): value is null {
  return value === null;
}
function isBool(value: CelValue): value is boolean {
  return typeof value === "boolean";
}
function isInt(value: CelValue): value is bigint {
  return typeof value === "bigint";
}
function isUint(value: CelValue): value is CelUint {
  return value instanceof CelUint;
}
function isDouble(value: CelValue): value is number {
  return typeof value === "number";
}
function isString(value: CelValue): value is string {
  return typeof value === "string";
}
function isBytes(value: CelValue): value is Uint8Array {
  return value instanceof Uint8Array;
}
function isTimestamp(value: CelValue): value is CelTimestamp {
  return value instanceof CelTimestamp;
}
function isDuration(value: CelValue): value is CelDuration {
  return value instanceof CelDuration;
}
function isMap(value: CelValue): value is CelMap {
  return value instanceof CelMap;
}
function isOptional(value: CelValue): value is CelOptional {
  return value instanceof CelOptional;
}
function isAnything(value: CelValue): value is CelValue {
  return value !== undefined;
}

/** The types that functions are declared with. */
export const types: {
  readonly null: Typed<null>;
  readonly bool: Typed<boolean>;
  readonly int: Typed<bigint>;
  readonly uint: Typed<CelUint>;
  readonly double: Typed<number>;
  readonly string: Typed<string>;
  readonly bytes: Typed<Uint8Array>;
  readonly timestamp: Typed<CelTimestamp>;
  readonly duration: Typed<CelDuration>;
  readonly dyn: Typed<CelValue>;
} = {
  null: { type: nullType, is: isNull },
  bool: { type: boolType, is: isBool },
  int: { type: intType, is: isInt },
  uint: { type: uintType, is: isUint },
  double: { type: doubleType, is: isDouble },
  string: { type: stringType, is: isString },
  bytes: { type: bytesType, is: isBytes },
  timestamp: { type: timestampType, is: isTimestamp },
  duration: { type: durationType, is: isDuration },
  dyn: { type: dynType, is: isAnything },
};

/** Returns a parameter that takes values of any one type. */
export function anyOf(name: string): Typed<CelValue> {
  return { type: parameterType(name), is: isAnything };
}

/** Returns the type of lists. */
export function listOf(element: Pick<Typed<CelValue>, "type">): Typed<CelList> {
  return { type: listType(element.type), is: isList };
}

/** Returns the type of maps. */
export function mapOf(
  key: Pick<Typed<CelValue>, "type">,
  value: Pick<Typed<CelValue>, "type">,
): Typed<CelMap> {
  return { type: mapType(key.type, value.type), is: isMap };
}

/** Returns the type of optionals. */
export function optionalOf(of: Pick<Typed<CelValue>, "type">): Typed<CelOptional> {
  return { type: optionalType(of.type), is: isOptional };
}

/** Returns the type of the values of a class of opaque ones, by the name that both have. */
export function opaqueOf<T extends CelOpaque>(
  name: string,
  values: abstract new (...args: never) => T,
): Typed<T> {
  return {
    type: opaqueType(name),
    is: (value): value is T => value instanceof values && value.typeName === name,
  };
}

/** Returns the type of one message or native structure. */
export function messageOf(name: string): Typed<CelMessage> {
  return {
    type: messageType(name),
    is: (value): value is CelMessage => value instanceof CelMessage && value.typeName === name,
  };
}
