import type { CelNode } from "../syntax/ast.ts";
import type { NamedValue, Overload } from "../types/declarations.ts";
import type { CelType } from "../types/type.ts";

/** The meaning of a call: the signatures that may apply, one of which is chosen by the arguments where there are more. */
export interface Resolution<F extends Overload = Overload> {
  readonly name: string;
  /** The target of a method, undefined for a function, whose qualified name may have been written as a target. */
  readonly target: CelNode | undefined;
  readonly overloads: readonly F[];
}

/** The meaning of a name or a selection. */
export type Reference =
  | { readonly kind: "variable"; readonly name: string }
  | { readonly kind: "constant"; readonly value: NamedValue };

/** A fault of an expression, found by the checker. */
export interface CheckFault {
  readonly message: string;
  /** Offset in the text. */
  readonly offset: number;
}

/** The checker's findings about an expression. */
export interface Checked<F extends Overload = Overload> {
  readonly type: CelType;
  readonly types: ReadonlyMap<CelNode, CelType>;
  readonly calls: ReadonlyMap<CelNode, Resolution<F>>;
  readonly references: ReadonlyMap<CelNode, Reference>;
  /** In order of their places; the other fields are of use only when there are none. */
  readonly faults: readonly CheckFault[];
}
