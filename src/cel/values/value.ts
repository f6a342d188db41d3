import type { EvaluationError } from "../../model/evaluation-error.ts";
import type { CelType } from "../types/type.ts";
import type { CelMap } from "./map.ts";
import type { CelMessage } from "./message.ts";

/**
 * A value of the CEL engine. Ints are bigints (within 64 bits), doubles are numbers, strings are well-formed UTF-16, lists are
 * arrays that nobody changes; everything else has a class of its own.
 */
export type CelValue =
  | null
  | boolean
  | bigint
  | number
  | string
  | Uint8Array
  | CelUint
  | CelTimestamp
  | CelDuration
  | CelList
  | CelMap
  | CelMessage
  | CelTypeValue
  | CelOptional
  | CelOpaque;

/** A list. */
export type CelList = readonly CelValue[];

/** A value, or why there is none: errors are values, absorbed by `&&`, `||`, `all` and `exists`. */
export type CelResult = CelValue | EvaluationError;

/** An unsigned integer of 64 bits. */
export class CelUint {
  readonly value: bigint;

  constructor(value: bigint) {
    this.value = value;
  }
}

/** A moment between the years 1 and 9999. */
export class CelTimestamp {
  /** Nanoseconds since 1970-01-01T00:00:00Z. */
  readonly nanos: bigint;
  /** Minutes east of UTC that the text it was read from named; kept for `string()`. */
  readonly offsetMinutes: number;

  constructor(nanos: bigint, offsetMinutes = 0) {
    this.nanos = nanos;
    this.offsetMinutes = offsetMinutes;
  }
}

/** A span of time, in nanoseconds within 64 bits. */
export class CelDuration {
  readonly nanos: bigint;

  constructor(nanos: bigint) {
    this.nanos = nanos;
  }
}

/** A type used as a value. */
export class CelTypeValue {
  /** The name by which types are compared, as `type()` gives it: without parameters. */
  readonly name: string;

  constructor(name: string) {
    this.name = name;
  }
}

/** A value that may be missing. */
export class CelOptional {
  readonly value: CelValue | undefined;

  constructor(value: CelValue | undefined) {
    this.value = value;
  }
}

/** The optional without a value. */
export const noValue: CelOptional = new CelOptional(undefined);

/** A value that only functions look into; each library has a subclass of its own. */
export abstract class CelOpaque {
  /** The type's name, as in `net.IP`. */
  abstract readonly typeName: string;
  /** Returns whether another value of the same type name is equal. */
  abstract equals(other: CelOpaque): boolean;
}

/** A value that stands for a library, as `http` or `json` do: its methods are the library's functions. */
export class CelNamespace extends CelOpaque {
  override readonly typeName: string;

  constructor(typeName: string) {
    super();
    this.typeName = typeName;
  }

  /** Returns true: there is one of each type. */
  override equals(): boolean {
    return true;
  }
}

/** Returns whether the value is a list. */
export function isList(value: unknown): value is CelList {
  return Array.isArray(value);
}

/** Returns the name of the static type that a type's values have at run time, as `type()` names it. */
export function runtimeTypeName(type: CelType): string {
  switch (type.kind) {
    case "null":
      return "null_type";
    case "timestamp":
      return "google.protobuf.Timestamp";
    case "duration":
      return "google.protobuf.Duration";
    case "any":
      return "google.protobuf.Any";
    case "wrapper":
      return runtimeTypeName(type.of);
    case "message":
    case "opaque":
    case "parameter":
      return type.name;
    default:
      return type.kind;
  }
}
