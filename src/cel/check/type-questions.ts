import type { LiteralNode } from "../syntax/ast.ts";
import {
  boolType,
  bytesType,
  type CelType,
  doubleType,
  intType,
  nullType,
  renderType,
  stringType,
  typeParameters,
  uintType,
} from "../types/type.ts";

export function literalType({ value, isUint }: LiteralNode): CelType {
  switch (typeof value) {
    case "boolean":
      return boolType;
    case "bigint":
      return isUint ? uintType : intType;
    case "number":
      return doubleType;
    case "string":
      return stringType;
    default:
      return value === null ? nullType : bytesType;
  }
}

/** Returns messages, and the well-known ones that the type system knows by other names. */
export function isStructured(type: CelType): boolean {
  switch (type.kind) {
    case "message":
    case "wrapper":
    case "timestamp":
    case "duration":
    case "any":
    case "dyn":
    case "map":
    case "list":
      return true;
    default:
      return false;
  }
}

export function collectParameters(type: CelType, names: Set<string>): void {
  if (type.kind === "parameter") names.add(type.name);
  for (const inside of typeParameters(type)) collectParameters(inside, names);
}

/** Returns what is wrong with a call whose arguments no signature takes; of a method the first is what it is called on. */
export function describeNoOverload(
  name: string,
  isMethod: boolean,
  args: readonly CelType[],
): string {
  const types = args.map(renderType);
  const [first, ...rest] = types;
  return isMethod
    ? `a value of type \`${first}\` has no method \`${name}\` that takes (${rest.join(", ")})`
    : `\`${name}\` does not take (${types.join(", ")})`;
}
