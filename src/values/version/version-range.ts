import { quoteGoString } from "../../go-values/go-format.ts";
import { byteLength } from "../../go-values/go-string.ts";
import { EvaluationError } from "../../model/evaluation-error.ts";
import { trimText } from "../trim-text.ts";
import { compareVersions, parseSemanticVersion, type SemanticVersion } from "./semantic-version.ts";

/** One comparison with a version. */
interface Comparator {
  readonly version: SemanticVersion;
  readonly accepts: (order: number) => boolean;
}

/** A range: alternatives, each of comparisons that must all hold. */
export type VersionRange = readonly (readonly Comparator[])[];

const comparators: ReadonlyMap<string, (order: number) => boolean> = new Map([
  ["", (order: number) => order === 0],
  ["=", (order: number) => order === 0],
  ["==", (order: number) => order === 0],
  ["!", (order: number) => order !== 0],
  ["!=", (order: number) => order !== 0],
  [">", (order: number) => order > 0],
  [">=", (order: number) => order >= 0],
  ["<", (order: number) => order < 0],
  ["<=", (order: number) => order <= 0],
]);

/** A Go `int`, short enough to be converted at once. */
const int64Digits = /^[+-]?0*[0-9]{1,19}$/;
const maxInt64 = 2n ** 63n - 1n;
/** What Go's `strings.TrimSpace` takes away besides the plain space, which is gone before. */
const whiteSpace =
  "\t\n\v\f\r\u0085\u00a0\u1680\u2000\u2001\u2002\u2003\u2004\u2005\u2006\u2007\u2008\u2009\u200a\u2028\u2029\u202f\u205f\u3000";

/** How a word with an `x` is written out: the comparison with its lower end, and what becomes of the other. */
interface WildcardRule {
  readonly lower?: string;
  readonly operator: string;
  readonly isNext: boolean;
}

const wildcardRules: ReadonlyMap<string, WildcardRule> = new Map([
  [">", { operator: ">=", isNext: true }],
  [">=", { operator: ">=", isNext: false }],
  ["<", { operator: "<", isNext: false }],
  ["<=", { operator: "<", isNext: true }],
  ["", { lower: ">=", operator: "<", isNext: true }],
  ["=", { lower: ">=", operator: "<", isNext: true }],
  ["==", { lower: ">=", operator: "<", isNext: true }],
  ["!", { lower: "<", operator: ">=", isNext: true }],
  ["!=", { lower: "<", operator: ">=", isNext: true }],
]);

/** What happens to a word with an operator that does not exist: it loses it, as in the original. */
const unknownOperatorRule: WildcardRule = { operator: "", isNext: false };

/**
 * Returns the range that the text describes, or an error in the words of blang/semver v4.0.0, whose reading this follows:
 * words in text order, `x` written out by text alone, words of one character dropped.
 */
export function parseVersionRange(text: string): VersionRange | EvaluationError {
  const alternatives = splitAlternatives(splitWords(text));
  if (alternatives instanceof EvaluationError) return alternatives;
  const expanded: string[][] = [];
  for (const words of alternatives) {
    const comparisons = expandWords(words);
    if (comparisons instanceof EvaluationError) return comparisons;
    expanded.push(comparisons);
  }
  const range: Comparator[][] = [];
  for (const words of expanded) {
    const parsed: Comparator[] = [];
    for (const word of words) {
      const comparator = parseComparator(word);
      if (comparator instanceof EvaluationError) return comparator;
      parsed.push(comparator);
    }
    range.push(parsed);
  }
  return range;
}

/** Returns whether the version is in the range; undefined where the original crashed, on an alternative without words. */
export function isInRange(version: SemanticVersion, range: VersionRange): boolean | undefined {
  for (const comparisons of range) {
    if (comparisons.length === 0) return undefined;
    const isMet = comparisons.every((one) => one.accepts(compareVersions(version, one.version)));
    if (isMet) return true;
  }
  return false;
}

/** The words between spaces, where a space behind `<`, `>` or `=` parts nothing and words of one byte are lost. */
function splitWords(text: string): string[] {
  const words: string[] = [];
  let start = 0;
  let last: string | undefined;
  for (let i = 0; i < text.length; i++) {
    const character = text.charAt(i);
    if (character !== " ") {
      last = character;
    } else if (last === undefined || !"<>=".includes(last)) {
      words.push(text.slice(start, i));
      start = i + 1;
    }
  }
  words.push(text.slice(start));
  return words.filter((word) => byteLength(word) > 1).map((word) => word.replaceAll(" ", ""));
}

function splitAlternatives(words: readonly string[]): string[][] | EvaluationError {
  const alternatives: string[][] = [[]];
  for (const [i, word] of words.entries()) {
    if (word !== "||") alternatives.at(-1)?.push(word);
    else if (i === 0) return rangeError("First element in range is '||'");
    else alternatives.push([]);
  }
  if (alternatives.at(-1)?.length === 0) return rangeError("Last element in range is '||'");
  return alternatives;
}

function expandWords(words: readonly string[]): string[] | EvaluationError {
  const expanded: string[] = [];
  for (const word of words) {
    if (!word.includes("x")) {
      expanded.push(word);
      continue;
    }
    const parts = splitOperator(word);
    if (parts instanceof EvaluationError) return parts;
    const [operator, version] = parts;
    const rule = wildcardRules.get(operator) ?? unknownOperatorRule;
    const flat = flattenWildcard(version);
    if (rule.lower !== undefined) expanded.push(rule.lower + flat);
    expanded.push(rule.operator + (rule.isNext ? nextVersion(version, flat) : flat));
  }
  return expanded;
}

/** The version with `x` as 0. Of `1.x.x` only one `x` is left before, so that it is taken for a patch wildcard. */
function flattenWildcard(version: string): string {
  const flat = version.replace(".x.x", ".x").replace(".x", ".0");
  return flat.split(".").length === 2 ? `${flat}.0` : flat;
}

/** The version after all that the wildcard stands for; empty when there is no wildcard at the end. */
function nextVersion(version: string, flat: string): string {
  const parts = version.split(".");
  if (parts.at(-1) !== "x") return "";
  if (parts.length === 3) return incrementPart(flat, 1);
  return parts.length === 2 ? incrementPart(flat, 0) : "";
}

function incrementPart(version: string, index: number): string {
  const parts = version.split(".");
  const part = parts[index] ?? "";
  const number = int64Digits.test(part) ? BigInt(part) : maxInt64 + 1n;
  if (number > maxInt64 || number < -maxInt64 - 1n) return "";
  parts[index] = String(BigInt.asIntN(64, number + 1n));
  return parts.join(".");
}

function parseComparator(word: string): Comparator | EvaluationError {
  const parts = splitOperator(word);
  if (parts instanceof EvaluationError) return parts;
  const [operator, text] = parts;
  const place = `in ${quoteGoString(operator + text)}`;
  const inRange = `Could not parse Range ${quoteGoString(word)}`;
  const accepts = comparators.get(operator);
  if (accepts === undefined) {
    return rangeError(`${inRange}: Could not parse comparator ${quoteGoString(operator)} ${place}`);
  }
  const version = parseSemanticVersion(text);
  if (version instanceof EvaluationError) {
    return rangeError(
      `${inRange}: Could not parse version ${quoteGoString(text)} ${place}: ${version.message}`,
    );
  }
  return { version, accepts };
}

/** The word before and from its first digit, of any script. */
function splitOperator(word: string): [operator: string, version: string] | EvaluationError {
  const at = word.search(/\p{Nd}/u);
  if (at < 0) return rangeError(`Could not get version from string: ${quoteGoString(word)}`);
  return [trimText(word.slice(0, at), whiteSpace), word.slice(at)];
}

function rangeError(message: string): EvaluationError {
  return new EvaluationError("EVALUATION_VALUE", message);
}
