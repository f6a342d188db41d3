import { RE2JS, RE2JSSyntaxException } from "re2js";
import type { Budget } from "../jmespath/scope.ts";
import { spend } from "../jmespath/step-limit.ts";
import { hasInvalidBytes } from "../jmespath/text.ts";
import { EvaluationError } from "../model/evaluation-error.ts";
import type { EvaluationLimits } from "../model/limits.ts";
import { outlinePattern, type PatternOutline } from "./outline-pattern.ts";
import { RecentCache } from "./recent-cache.ts";

/** A compiled regular expression of RE2's syntax and meaning, with what is needed to bound its searches. */
export interface Pattern {
  readonly engine: RE2JS;
  /** How many instructions it has: each may be tried at each character of a text. */
  readonly size: number;
  /** How many characters a match may have, or Infinity. */
  readonly maxMatchLength: number;
  /** The groups (from 1) that carry the name, in order; none for a name that does not occur. */
  readonly groupsNamed: (name: string) => readonly number[];
}

/** How many instructions a pattern may compile to; Go allows 100 times as many. */
const MAX_PATTERN_SIZE = 20_000;

/** How much memory the states of one pattern's automaton may take; beyond that it starts over. */
const MAX_AUTOMATON_BYTES = 1_048_576;

const firstInvalidByte = /[\ud800-\udfff]/u;

/**
 * The compiled pattern, or an error in Go's words (`error parsing regexp: missing closing ): \`(\``). A pattern
 * longer than `maxPatternLength`, or one that would compile to too many instructions, is refused.
 */
function compilePattern(text: string, limits: EvaluationLimits): Pattern | EvaluationError {
  const { maxPatternLength } = limits;
  if (text.length > maxPatternLength) {
    return sizeError(`a regular expression is longer than ${maxPatternLength} characters`);
  }
  if (hasInvalidBytes(text)) {
    return syntaxError("invalid UTF-8", text.slice(text.search(firstInvalidByte)));
  }
  const outline = outlinePattern(text);
  if (outline.size > MAX_PATTERN_SIZE) {
    return sizeError("a regular expression repeats too much to be compiled");
  }
  const engine = compileEngine(text, outline);
  if (engine instanceof EvaluationError) return engine;
  const automaton = engine.re2().dfa;
  automaton.stateBudget = MAX_AUTOMATON_BYTES;
  automaton.memBudget = MAX_AUTOMATON_BYTES;
  return {
    engine,
    size: engine.programSize(),
    maxMatchLength: outline.isUnbounded ? Number.POSITIVE_INFINITY : outline.size,
    groupsNamed: groupFinder(outline.groupNames),
  };
}

/** How many steps it takes to look for the pattern in so many characters. */
export function searchSteps(pattern: Pattern, characters: number): number {
  const visitsPerStep = 64;
  return 1 + Math.ceil((pattern.size * characters) / visitsPerStep);
}

/** The patterns a function table has met, each compiled once while it is in use. */
export class PatternCache {
  readonly #patterns = new RecentCache<Pattern>();

  /** The compiled pattern, or the error of {@link compilePattern}; compiling a new one takes steps. */
  compiled(text: string, budget: Budget): Pattern | EvaluationError {
    const known = this.#patterns.get(text);
    if (known !== undefined) return known;
    const pattern = compilePattern(text, budget.limits);
    const isFaulty = pattern instanceof EvaluationError;
    const spent = spend(budget, isFaulty ? text.length : pattern.size);
    if (spent !== undefined || isFaulty) return spent ?? pattern;
    this.#patterns.set(text, pattern);
    return pattern;
  }
}

function compileEngine(text: string, outline: PatternOutline): RE2JS | EvaluationError {
  // The engine refuses groups that share a name, which Go allows; names are resolved here anyway.
  const names = outline.groupNames.filter((name) => name !== "");
  const hasSharedName = new Set(names).size < names.length;
  try {
    return RE2JS.compile(hasSharedName ? outline.nameless : text);
  } catch (error) {
    if (!(error instanceof RE2JSSyntaxException)) throw error;
    return syntaxError(
      error.error,
      error.input ?? (error.error.startsWith("trailing") ? "" : text),
    );
  }
}

function groupFinder(names: readonly string[]): (name: string) => readonly number[] {
  return (name) => names.flatMap((other, i) => (name !== "" && other === name ? [i + 1] : []));
}

function syntaxError(description: string, part: string): EvaluationError {
  return new EvaluationError(
    "EVALUATION_VALUE",
    `error parsing regexp: ${description}: \`${part}\``,
  );
}

function sizeError(message: string): EvaluationError {
  return new EvaluationError("EVALUATION_SIZE_LIMIT", message);
}
