import type { Source } from "./match-source.ts";

/** A value that sources are compared with. */
export type Scalar = null | boolean | number | string;

/** One question to a source: is its value this one, or a text that begins like this? */
export interface Test {
  readonly source: Source;
  readonly kind: "equal" | "prefix";
  readonly operand: Scalar;
}

/** Kinds of values, as bits; a source that errs has none. */
export const Kind: {
  readonly null: number;
  readonly boolean: number;
  readonly number: number;
  readonly string: number;
  readonly other: number;
} = Object.freeze({ null: 1, boolean: 2, number: 4, string: 8, other: 16 });

/** The bits of all kinds: anything but an error. */
export const anyKind = 31;

/** The kinds of values of a source for which a tree or expression cannot err. */
export interface Guard {
  readonly source: Source;
  readonly kinds: number;
}

/**
 * The knowledge of a `match` block, a tree or a boolean expression before there is a payload.
 *
 * As long as all guards hold it does not err, limits apart. It is true only if all tests of one of the alternatives
 * hold; an alternative without tests says that nothing is known.
 */
export interface Condition {
  readonly guards: readonly Guard[];
  readonly alternatives: readonly (readonly Test[])[];
}

/** How many alternatives are told apart; beyond that some tests are left out, and less is known. */
const maxAlternatives = 256;

/** How many tests of an alternative are kept: more would not tell rules apart. */
const maxTests = 16;

/** Returns one test, under one guard. Every text begins with the empty one. */
export function testing(
  source: Source,
  kinds: number,
  kind: Test["kind"],
  operand: Scalar,
): Condition {
  const guards = [{ source, kinds }];
  if (kind === "prefix" && operand === "") return unknown(guards);
  return { guards, alternatives: [[{ source, kind, operand }]] };
}

/** Returns nothing known but that it does not err under these guards. */
export function unknown(guards: readonly Guard[]): Condition {
  return { guards, alternatives: [[]] };
}

/** Returns true only if all of them are. */
export function allOf(conditions: readonly Condition[]): Condition {
  let alternatives: Condition["alternatives"] = [[]];
  for (const condition of conditions) {
    const others = condition.alternatives;
    if (alternatives.length * others.length <= maxAlternatives) {
      const left = alternatives;
      alternatives = left.flatMap((tests) =>
        others.map((more) => [...tests, ...more].slice(0, maxTests)),
      );
    } else if (others.length < alternatives.length && !others.some((tests) => tests.length === 0)) {
      alternatives = others;
    }
  }
  return { guards: guardsOf(conditions), alternatives };
}

/** Returns true only if one of them is. */
export function oneOf(conditions: readonly Condition[]): Condition {
  const alternatives = conditions.flatMap((condition) => condition.alternatives);
  const guards = guardsOf(conditions);
  return alternatives.length > maxAlternatives ? unknown(guards) : { guards, alternatives };
}

function guardsOf(conditions: readonly Condition[]): Guard[] {
  return conditions.flatMap(({ guards }) => guards);
}
