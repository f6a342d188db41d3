import { type CelType, dynType, typeParameters, withParameters } from "./type.ts";

/**
 * The types that inference has found for type variables, by name. Never changed once it is shared: {@link assign} returns a new one.
 * The rules are those of cel-go's checker (checker/types.go), whose verdicts policies were written against.
 */
export type Substitutions = ReadonlyMap<string, CelType>;

type Mapping = Map<string, CelType>;

/** Returns whether two types are the same, names of type parameters included unless told otherwise. */
export function isSameType(a: CelType, b: CelType, compareParameterNames = true): boolean {
  if (a === b) return true;
  const left = eraseWrapper(a);
  const right = eraseWrapper(b);
  if (left.kind !== right.kind) return false;
  if (left.kind === "parameter" && right.kind === "parameter") {
    return !compareParameterNames || left.name === right.name;
  }
  if (nameOf(left) !== nameOf(right)) return false;
  const inside = typeParameters(left);
  const others = typeParameters(right);
  return (
    inside.length === others.length &&
    inside.every((type, index) => {
      const other = others[index];
      return other !== undefined && isSameType(type, other, compareParameterNames);
    })
  );
}

/** A wrapper has the kind and name of what it wraps and differs only in taking null. */
function eraseWrapper(type: CelType): CelType {
  return type.kind === "wrapper" ? type.of : type;
}

function nameOf(type: CelType): string {
  return type.kind === "message" || type.kind === "opaque" ? type.name : type.kind;
}

/**
 * Returns the substitutions under which a value of type `given` may stand where `wanted` is asked for, or undefined when
 * there are none.
 */
export function assign(
  known: Substitutions,
  given: CelType,
  wanted: CelType,
): Substitutions | undefined {
  const mapping = new Map(known);
  return isAssignable(mapping, given, wanted) ? mapping : undefined;
}

/** Unifies like {@link assign}, for lists of types of the same length. */
export function assignAll(
  known: Substitutions,
  given: readonly CelType[],
  wanted: readonly CelType[],
): Substitutions | undefined {
  const mapping = new Map(known);
  return areAssignable(mapping, given, wanted) ? mapping : undefined;
}

function areAssignable(
  mapping: Mapping,
  given: readonly CelType[],
  wanted: readonly CelType[],
): boolean {
  return (
    given.length === wanted.length &&
    given.every((type, index) => {
      const other = wanted[index];
      return other !== undefined && isAssignable(mapping, type, other);
    })
  );
}

function isAssignable(mapping: Mapping, a: CelType, b: CelType): boolean {
  if (b.kind === "parameter") {
    const { isValid, isKnown } = substituteFor(mapping, a, b.name);
    if (isValid) return true;
    if (isKnown) return false;
  }
  if (a.kind === "parameter") return substituteFor(mapping, b, a.name).isValid;
  if (isDynamic(a) || isDynamic(b)) return true;
  if (a.kind === "null") return takesNull(b);
  if (b.kind === "null") return takesNull(a);
  switch (a.kind) {
    case "type":
      return b.kind === "type";
    case "opaque":
    case "list":
    case "map":
      return (
        a.kind === b.kind &&
        nameOf(a) === nameOf(b) &&
        areAssignable(mapping, typeParameters(a), typeParameters(b))
      );
    default:
      return isSameType(b, a);
  }
}

function isDynamic(type: CelType): boolean {
  return type.kind === "dyn" || type.kind === "any" || type.kind === "error";
}

function takesNull(type: CelType): boolean {
  switch (type.kind) {
    case "duration":
    case "timestamp":
    case "opaque":
    case "message":
    case "wrapper":
    case "null":
      return true;
    default:
      return false;
  }
}

/** Tries to let the type variable stand for the type; a variable that has a type keeps the more general of the two. */
function substituteFor(
  mapping: Mapping,
  type: CelType,
  name: string,
): { readonly isValid: boolean; readonly isKnown: boolean } {
  if (type.kind === "parameter" && type.name === name) return { isValid: true, isKnown: true };
  const known = mapping.get(name);
  if (known === undefined) {
    if (!isReferenced(mapping, name, type)) {
      mapping.set(name, type);
      return { isValid: true, isKnown: false };
    }
    return { isValid: false, isKnown: false };
  }
  if (isSameType(type, known)) return { isValid: true, isKnown: true };
  if (!isAssignable(mapping, type, known)) return { isValid: false, isKnown: true };
  const general = moreGeneral(type, known);
  if (!isReferenced(mapping, name, general)) mapping.set(name, general);
  return { isValid: true, isKnown: true };
}

function isReferenced(mapping: Mapping, name: string, within: CelType): boolean {
  if (within.kind === "parameter") {
    if (within.name === name) return true;
    const known = mapping.get(within.name);
    return known !== undefined && isReferenced(mapping, name, known);
  }
  return typeParameters(within).some((type) => isReferenced(mapping, name, type));
}

/** Returns the type that says less, the second one where neither does. */
export function moreGeneral(a: CelType, b: CelType): CelType {
  return isAtMostAsSpecific(a, b) ? a : b;
}

function isAtMostAsSpecific(a: CelType, b: CelType): boolean {
  if (a.kind === "dyn" || a.kind === "parameter") return true;
  if (b.kind === "dyn" || b.kind === "parameter") return false;
  if (eraseWrapper(a).kind !== eraseWrapper(b).kind) return false;
  if (a.kind === "type") return true;
  const inside = typeParameters(a);
  if (inside.length === 0) return isSameType(a, b);
  const others = typeParameters(b);
  return (
    nameOf(a) === nameOf(b) &&
    inside.length === others.length &&
    inside.every((type, index) => {
      const other = others[index];
      return other !== undefined && isAtMostAsSpecific(type, other);
    })
  );
}

/** Returns the type with all type variables replaced by what is known of them; unknown ones stay, or become dyn. */
export function substitute(known: Substitutions, type: CelType, unknownIsDyn: boolean): CelType {
  if (type.kind === "parameter") {
    const found = known.get(type.name);
    if (found !== undefined) return substitute(known, found, unknownIsDyn);
    return unknownIsDyn ? dynType : type;
  }
  const inside = typeParameters(type);
  if (inside.length === 0) return type;
  return withParameters(
    type,
    inside.map((parameter) => substitute(known, parameter, unknownIsDyn)),
  );
}
