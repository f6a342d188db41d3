import type { CelEnvironment } from "../environment.ts";
import type { Evaluate, Frame } from "../functions/frame.ts";
import { type CelType, messageType } from "../types/type.ts";
import { CelMessage } from "../values/message.ts";
import type { CelResult, CelValue } from "../values/value.ts";

/** The type of `variables`, whose fields are a policy's variables. */
const variablesType = "kyverno.variables";

/** Returns the environment in which these variables exist, by their names; without any, `variables` does not exist. */
export function withVariables(
  environment: CelEnvironment,
  types: ReadonlyMap<string, CelType> | undefined,
): CelEnvironment {
  const { check } = environment;
  return {
    ...environment,
    check: {
      ...check,
      variable: (name) =>
        name === "variables" ? types && messageType(variablesType) : check.variable(name),
      field: (message, field) =>
        message === variablesType ? types?.get(field) : check.field(message, field),
    },
  };
}

/** The variables of one policy for one request: each is evaluated when it is first read, and an error is kept as well. */
export class PolicyVariables extends CelMessage {
  readonly #expressions: ReadonlyMap<string, Evaluate>;
  readonly #frame: Frame;
  readonly #values = new Map<string, CelResult>();

  constructor(expressions: ReadonlyMap<string, Evaluate>, frame: Frame) {
    super();
    this.#expressions = expressions;
    // Macros of a variable bind places of their own: those of the expression that reads it are in use.
    this.#frame = { ...frame, variables: this, locals: [] };
  }

  override get typeName(): string {
    return variablesType;
  }

  override get(name: string): CelResult | undefined {
    const known = this.#values.get(name);
    if (known !== undefined) return known;
    const value = this.#expressions.get(name)?.(this.#frame);
    if (value !== undefined) this.#values.set(name, value);
    return value;
  }

  override has(name: string): boolean {
    return this.#expressions.has(name);
  }

  override *setFields(): Iterable<readonly [string, CelValue]> {
    // Nothing prints or compares variables as a whole: the checker has no operator for their type but equality.
  }
}
