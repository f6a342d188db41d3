import type { Matcher } from "re2js";
import { chargedNormal } from "../../go-values/text-cost.ts";
import type { Budget } from "../../model/budget.ts";
import type { EvaluationError } from "../../model/evaluation-error.ts";
import { charge, refuseLength, spend } from "../../model/step-limit.ts";
import { replaceInvalidBytes } from "../byte-text.ts";
import { type Pattern, searchSteps } from "./compile-pattern.ts";

/** Bytes that a match costs beside what is searched and put in its place. */
const BYTES_PER_MATCH = 256;

/** The text that stands in for a match: text, and groups given by the numbers of which the first that matched counts. */
export type Replacement = readonly (string | readonly number[])[];

/** `$$`, `${name}` or `$name`, where a name is the longest run of letters, digits and underscores. */
const reference = /\$(?:\$|\{([\p{L}\p{Nd}_]+)\}|([\p{L}\p{Nd}_]+))/gu;

/** A group's number as Go reads it: without leading zeros and not too large. */
const groupNumber = /^(?:0|[1-9][0-9]{0,8})$/;

/** Returns the replacement that the template describes (Go `Regexp.Expand`); a `$` that refers to nothing is text. */
export function parseReplacement(template: string, pattern: Pattern): Replacement {
  const parts: (string | readonly number[])[] = [];
  let start = 0;
  for (const match of template.matchAll(reference)) {
    const name = match[1] ?? match[2];
    parts.push(
      template.slice(start, match.index),
      name === undefined ? "$" : groupsCalled(name, pattern),
    );
    start = match.index + match[0].length;
  }
  parts.push(template.slice(start));
  return parts;
}

/**
 * Returns the text with every match replaced, from left to right (Go `Regexp.ReplaceAll`): an empty match directly behind
 * another one does not count. Each search takes steps for what it may have looked at.
 */
export function replaceMatches(
  pattern: Pattern,
  text: string,
  replacement: Replacement,
  budget: Budget,
): string | EvaluationError {
  const searched = replaceInvalidBytes(text);
  const matcher = pattern.engine.matcher(searched);
  let result = "";
  let lastEnd = 0;
  let from = 0;
  while (from <= text.length) {
    const isFound = matcher.find(from);
    const end = isFound ? matcher.end() : text.length;
    const reach = isFound ? matcher.start() + pattern.maxMatchLength : text.length;
    const looked = Math.min(reach, text.length) - from;
    const refused =
      spend(budget, searchSteps(pattern, looked)) ??
      charge(budget, BYTES_PER_MATCH) ??
      refuseLength(budget, result.length);
    if (refused !== undefined) return refused;
    if (!isFound) break;
    const start = matcher.start();
    result += text.slice(lastEnd, start);
    if (end > lastEnd || start === 0) {
      const added = expandReplacement(replacement, text, matcher, result.length, budget);
      if (typeof added !== "string") return added;
      result += added;
    }
    lastEnd = end;
    from = Math.max(end, from + characterLength(searched, from));
  }
  result += text.slice(lastEnd);
  return refuseLength(budget, result.length) ?? chargedNormal(result, budget);
}

function expandReplacement(
  replacement: Replacement,
  text: string,
  matcher: Matcher,
  length: number,
  budget: Budget,
): string | EvaluationError {
  let added = "";
  for (const part of replacement) {
    added += typeof part === "string" ? part : groupText(part, text, matcher);
    const refused =
      refuseLength(budget, length + added.length) ?? charge(budget, BYTES_PER_MATCH / 4);
    if (refused !== undefined) return refused;
  }
  return spend(budget, replacement.length) ?? charge(budget, added.length) ?? added;
}

/** The text of the first of the groups that took part in the match; empty when none did. */
function groupText(groups: readonly number[], text: string, matcher: Matcher): string {
  const group = groups.find((one) => matcher.start(one) >= 0);
  return group === undefined ? "" : text.slice(matcher.start(group), matcher.end(group));
}

function groupsCalled(name: string, pattern: Pattern): readonly number[] {
  if (!groupNumber.test(name)) return pattern.groupsNamed(name);
  const group = Number(name);
  return group <= pattern.engine.groupCount() ? [group] : [];
}

function characterLength(text: string, at: number): number {
  return (text.codePointAt(at) ?? 0) > 0xffff ? 2 : 1;
}
