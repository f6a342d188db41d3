import type { CelType } from "./type.ts";

/** One signature of a function. */
export interface Overload {
  /** Whether it is called as a method: the target is then the first argument. */
  readonly isMethod: boolean;
  readonly parameters: readonly CelType[];
  readonly result: CelType;
  /** Returns why no call with these arguments can succeed, of which the texts are given that the expression spells out. */
  readonly refuse?: (literals: readonly (string | undefined)[]) => string | undefined;
}

/** A constant that a qualified name stands for: a type's name, an enum's value, or a text that a library declares. */
export interface NamedConstant {
  readonly type: CelType;
  readonly value: NamedValue;
}

/** The value of a named constant: a type, an int, or a string. */
export type NamedValue =
  | { readonly kind: "type"; readonly type: CelType }
  | { readonly kind: "int"; readonly value: bigint }
  | { readonly kind: "string"; readonly value: string };

/** All that an expression may refer to. */
export interface CheckEnvironment<F extends Overload = Overload> {
  /** Returns the type of a variable. */
  readonly variable: (name: string) => CelType | undefined;
  /** Returns what a qualified name stands for. */
  readonly constant: (name: string) => NamedConstant | undefined;
  /** Returns the signatures of a function, in order of declaration. */
  readonly overloads: (name: string) => readonly F[] | undefined;
  /** Returns the type of a field of a message or native structure, or undefined when it has no such field. */
  readonly field: (message: string, field: string) => CelType | undefined;
  /** Names for hints, of variables and functions. */
  readonly names: () => Iterable<string>;
}
