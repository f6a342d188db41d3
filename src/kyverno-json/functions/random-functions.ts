import type { Result } from "../../go-values/value.ts";
import type { FunctionRow } from "../../jmespath/functions/function-table.ts";
import type { Budget } from "../../model/budget.ts";
import { EvaluationError } from "../../model/evaluation-error.ts";
import type { EvaluationLimits } from "../../model/limits.ts";
import { charge, refuseLength, spend } from "../../model/step-limit.ts";
import type { CodePointRange } from "../../values/regex/posix-class.ts";
import { type PatternNode, parsePosixPattern } from "../../values/regex/posix-pattern.ts";
import { spendPass } from "../../values/step-cost.ts";
import { panicError } from "./function-error.ts";
import { stringArgument } from "./typed-argument.ts";

/** How often `*`, `+` and `{n,}` repeat at most. */
const MAX_UNBOUNDED = 4_096;

/**
 * Returns the function `random`: a text that matches a regular expression, by numbers from 0 up to but not
 * including 1. It is no secret unless `random` is one.
 */
export function createRandomFunctions(random: () => number): readonly FunctionRow[] {
  return [
    {
      name: "random",
      bytesPerCharacter: 512,
      parameters: [{ types: ["string"] }],
      body: ([pattern], budget) => {
        const text = stringArgument(pattern);
        return (
          spendPass(budget, text.length) ?? generate(parse(text, budget.limits), random, budget)
        );
      },
      prepare: ([pattern], limits) => {
        if (typeof pattern !== "string") return undefined;
        const tree = parse(pattern, limits);
        return {
          body: (_, budget) => generate(tree, random, budget),
          isFaulty: tree instanceof EvaluationError,
        };
      },
      isVolatile: true,
    },
  ];
}

function parse(
  pattern: string,
  { maxPatternLength, maxDepth }: EvaluationLimits,
): PatternNode | EvaluationError {
  if (pattern === "") return new EvaluationError("EVALUATION_VALUE", "no pattern provided");
  if (pattern.length > maxPatternLength) {
    return new EvaluationError("EVALUATION_SIZE_LIMIT", "the pattern is too long");
  }
  return parsePosixPattern(pattern, maxDepth);
}

function generate(
  tree: PatternNode | EvaluationError,
  random: () => number,
  budget: Budget,
): Result {
  if (tree instanceof EvaluationError) return tree;
  const generation: Generation = { random, budget, text: "", fault: undefined };
  append(generation, tree);
  return generation.fault ?? generation.text;
}

interface Generation {
  readonly random: () => number;
  readonly budget: Budget;
  text: string;
  fault: EvaluationError | undefined;
}

function append(generation: Generation, node: PatternNode): void {
  generation.fault ??=
    spend(generation.budget, 1) ?? refuseLength(generation.budget, generation.text.length);
  if (generation.fault !== undefined) return;
  switch (node.kind) {
    case "literal":
      generation.text += node.text;
      break;
    case "class":
      appendFromClass(generation, node.ranges);
      break;
    case "sequence":
      for (const part of node.nodes) append(generation, part);
      break;
    case "choice":
      append(generation, node.nodes[pick(generation, node.nodes.length)] ?? emptyNode);
      break;
    case "repeat": {
      const { min, max } = node.bounds;
      const largest = max < 0 ? Math.max(min, MAX_UNBOUNDED) : max;
      let left = min + pick(generation, largest - min + 1);
      for (; left > 0 && generation.fault === undefined; left -= 1) append(generation, node.node);
    }
  }
}

/** Bytes that a range of a class costs whenever a character of the class is chosen. */
const BYTES_PER_RANGE = 64;
/** So many are part of the step that the character takes. */
const FREE_RANGES = 4;

const emptyNode: PatternNode = { kind: "literal", text: "" };

/** A number from 0 to one below the count. */
function pick(generation: Generation, count: number): number {
  return Math.floor(generation.random() * count);
}

function textOf(codePoint: number): string {
  const isSurrogate = codePoint >= 0xd800 && codePoint <= 0xdfff;
  return isSurrogate ? "\ufffd" : String.fromCodePoint(codePoint);
}

/** Adds a code point of the class; never U+0000, and U+FFFD for a surrogate. */
function appendFromClass(generation: Generation, ranges: readonly CodePointRange[]): void {
  const extraRanges = Math.max(ranges.length - FREE_RANGES, 0);
  generation.fault ??= charge(generation.budget, extraRanges * BYTES_PER_RANGE);
  if (generation.fault !== undefined) return;
  const usable = ranges.map(([first, last]) => [Math.max(first, 1), last] as const);
  const sizes = usable.map(([first, last]) => last - first + 1);
  if (sizes.length === 0 || sizes.includes(0)) {
    generation.fault = panicError("char class range size must be at least 1");
    return;
  }
  let index = pick(
    generation,
    sizes.reduce((total, size) => total + size),
  );
  for (const [at, [first]] of usable.entries()) {
    const size = sizes[at] ?? 0;
    if (index < size) {
      generation.text += textOf(first + index);
      return;
    }
    index -= size;
  }
}
