import type { CelType } from "../types/type.ts";

/** The names that macros bind, innermost first. */
export class LocalNames {
  #innermost: Local | undefined;

  /** Returns the type of the innermost one of that name. */
  find(name: string): CelType | undefined {
    for (let local = this.#innermost; local !== undefined; local = local.outer) {
      if (local.name === name) return local.type;
    }
    return undefined;
  }

  /** Runs with one name more. */
  within<T>(name: string, type: CelType, run: () => T): T {
    const outer = this.#innermost;
    this.#innermost = { name, type, outer };
    const result = run();
    this.#innermost = outer;
    return result;
  }
}

interface Local {
  readonly name: string;
  readonly type: CelType;
  readonly outer: Local | undefined;
}
