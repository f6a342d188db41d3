import type { Budget } from "../../model/budget.ts";
import type { OutboundCalls } from "../../model/outbound-call.ts";
import type { CelMessage } from "../values/message.ts";
import type { CelResult, CelValue } from "../values/value.ts";

/** The surroundings of one evaluation of an expression. */
export interface Frame {
  /** What the whole request may use up. */
  readonly budget: Budget;
  /** The instant that the request sees, in milliseconds since 1970-01-01T00:00:00Z. */
  readonly nowMs: number;
  /** The request. */
  readonly object: CelMessage;
  /** The policy's variables; absent where the policy has none in reach. */
  readonly variables: CelMessage | undefined;
  /** Answers to calls to the outside; absent where such calls are not made. */
  readonly outbound?: OutboundCalls | undefined;
  /** The values of what macros bind, each at the place that the compiler gave it. */
  readonly locals: (CelValue | LazyValue)[];
}

/** A compiled expression. */
export type Evaluate = (frame: Frame) => CelResult;

/** A value that is computed when it is first read, and then kept, an error as well. */
export class LazyValue {
  #compute: (() => CelResult) | undefined;
  #result: CelResult = null;

  constructor(compute: () => CelResult) {
    this.#compute = compute;
  }

  /** Returns the value, or the error that surfaces where it is read. */
  get(): CelResult {
    const compute = this.#compute;
    if (compute !== undefined) {
      this.#compute = undefined;
      this.#result = compute();
    }
    return this.#result;
  }
}
