import { RE2JS, RE2JSSyntaxException } from "re2js";
import { hasInvalidBytes } from "../../go-values/go-string.ts";
import type { Budget } from "../../model/budget.ts";
import { EvaluationError } from "../../model/evaluation-error.ts";
import type { EvaluationLimits } from "../../model/limits.ts";
import { charge, spend } from "../../model/step-limit.ts";
import { RecentCache } from "../recent-cache.ts";
import { outlinePattern, type PatternOutline } from "./outline-pattern.ts";

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

/** Bytes that compiling costs for a character, for an instruction, and for a class of Unicode such as `\pL`. */
const BYTES_PER_CHARACTER = 512;
const BYTES_PER_INSTRUCTION = 4_096;
const BYTES_PER_UNICODE_CLASS = 65_536;

/** Bytes that a character costs that is looked at: it may be of a class that many ranges make up. */
export const BYTES_PER_SEARCHED = 24;

/** How much memory the states of one pattern's automaton may take; beyond that it starts over. */
const MAX_AUTOMATON_BYTES = 1_048_576;

const firstInvalidByte = /[\ud800-\udfff]/u;

/**
 * The compiled pattern, or an error in Go's words (`error parsing regexp: missing closing ): \`(\``). A pattern
 * longer than `maxPatternLength`, or one that would compile to too many instructions, is refused. The budget, if there is
 * one, pays for compiling beforehand, by what the text tells.
 */
function compilePattern(
  text: string,
  limits: EvaluationLimits,
  budget?: Budget,
): Pattern | EvaluationError {
  const { maxPatternLength } = limits;
  if (text.length > maxPatternLength) {
    return sizeError(`a regular expression is longer than ${maxPatternLength} characters`);
  }
  if (hasInvalidBytes(text)) {
    return syntaxError("invalid UTF-8", text.slice(text.search(firstInvalidByte)));
  }
  const outlining = budget && charge(budget, text.length * BYTES_PER_CHARACTER);
  if (outlining !== undefined) return outlining;
  const outline = outlinePattern(text);
  if (outline.size > MAX_PATTERN_SIZE) {
    return sizeError("a regular expression repeats too much to be compiled");
  }
  const compiling = budget && chargeCompiling(outline, budget);
  if (compiling !== undefined) return compiling;
  const engine = compileEngine(text, outline);
  if (engine instanceof EvaluationError) return engine;
  const pattern: Pattern = {
    engine,
    size: engine.programSize(),
    maxMatchLength: outline.isUnbounded ? Number.POSITIVE_INFINITY : outline.size,
    groupsNamed: groupFinder(outline.groupNames),
  };
  setAutomatonBytes(pattern, MAX_AUTOMATON_BYTES);
  return pattern;
}

/** Returns how many steps it takes to look for the pattern in so many characters. */
export function searchSteps(pattern: Pattern, characters: number): number {
  const visitsPerStep = 64;
  return 1 + Math.ceil((pattern.size * characters) / visitsPerStep);
}

function chargeCompiling(outline: PatternOutline, budget: Budget): EvaluationError | undefined {
  const { size, unicodeClasses } = outline;
  const bytes = size * BYTES_PER_INSTRUCTION + unicodeClasses * BYTES_PER_UNICODE_CLASS;
  return spend(budget, size + 1) ?? charge(budget, bytes);
}

/** How much memory the automatons of all constant patterns may take together. */
const MAX_CONSTANT_AUTOMATON_BYTES = 67_108_864;
const MIN_AUTOMATON_BYTES = 32_768;

/**
 * The patterns of a function table. Those that stand in policies are compiled when these load, and kept; those that a
 * request brings forth are kept among themselves, as long as they are in use.
 */
export class PatternStore {
  readonly #constants = new Map<string, Pattern | EvaluationError>();
  readonly #computed = new RecentCache<Pattern>();
  #automatonBytes = MAX_AUTOMATON_BYTES;

  /** The compiled pattern, or the error of {@link compilePattern}, for a text that stands in a policy. */
  constant(text: string, limits: EvaluationLimits): Pattern | EvaluationError {
    const known = this.#constants.get(text);
    if (known !== undefined) return known;
    const pattern = compilePattern(text, limits);
    this.#constants.set(text, pattern);
    if (!(pattern instanceof EvaluationError)) this.#boundAutomatons(pattern);
    return pattern;
  }

  /** Makes the pattern ready, should the text be one, for {@link computed}. */
  expect(text: string, limits: EvaluationLimits): void {
    if (text.length <= limits.maxPatternLength) this.constant(text, limits);
  }

  /** The same for any other text; compiling a new one is paid for beforehand. */
  computed(text: string, budget: Budget): Pattern | EvaluationError {
    const known = this.#constants.get(text) ?? this.#computed.get(text);
    if (known !== undefined) return known;
    const pattern = compilePattern(text, budget.limits, budget);
    if (!(pattern instanceof EvaluationError)) this.#computed.set(text, pattern);
    return pattern;
  }

  /** Halves what each automaton may take whenever there are twice as many. */
  #boundAutomatons(added: Pattern): void {
    setAutomatonBytes(added, this.#automatonBytes);
    const isOver = this.#constants.size * this.#automatonBytes > MAX_CONSTANT_AUTOMATON_BYTES;
    if (!isOver || this.#automatonBytes <= MIN_AUTOMATON_BYTES) return;
    this.#automatonBytes /= 2;
    for (const pattern of this.#constants.values()) {
      if (!(pattern instanceof EvaluationError)) setAutomatonBytes(pattern, this.#automatonBytes);
    }
  }
}

function setAutomatonBytes({ engine }: Pattern, bytes: number): void {
  const automaton = engine.re2().dfa;
  automaton.stateBudget = bytes;
  automaton.memBudget = Math.min(automaton.memBudget, bytes);
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
