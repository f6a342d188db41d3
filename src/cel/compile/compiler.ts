import type { Checked } from "../check/checked.ts";
import type { CelFunction } from "../functions/define.ts";
import type { Evaluate } from "../functions/frame.ts";
import type { MessageTypes } from "../messages/message-types.ts";
import type { CelNode } from "../syntax/ast.ts";
import type { CelValue } from "../values/value.ts";

/** The state that the parts of the compiler share while one expression is compiled. */
export interface Compiler {
  readonly checked: Checked<CelFunction>;
  readonly messages: MessageTypes;
  /** Returns the closure of a node. */
  readonly compile: (node: CelNode) => Evaluate;
  /** Compiles a node in which a name is bound, and tells where its value has to be put. */
  readonly compileWith: (name: string, node: CelNode) => { place: number; evaluate: Evaluate };
  /** Reserves a place for a value of a macro that several nodes read. */
  readonly within: <T>(name: string, run: (place: number) => T) => T;
}

/** Closures that always give the same value; folding asks for it. */
const constants = new WeakMap<Evaluate, CelValue>();

/** Returns a closure for a value that is known when the expression is compiled. */
export function constant(value: CelValue): Evaluate {
  const evaluate: Evaluate = () => value;
  constants.set(evaluate, value);
  if (typeof value === "object" && value !== null) folded.add(value);
  return evaluate;
}

const folded = new WeakSet<object>();

/** Returns whether the value was computed when an expression was compiled, so that it is the same for every request. */
export function isFolded(value: object): boolean {
  return folded.has(value);
}

/** Returns the value that a closure always gives, or undefined when it depends on the request. */
export function constantValue(evaluate: Evaluate): CelValue | undefined {
  return constants.get(evaluate);
}
