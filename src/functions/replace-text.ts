import type { Budget } from "../jmespath/scope.ts";
import { spend } from "../jmespath/step-limit.ts";
import { hasInvalidBytes, normalizeBytes, toByteString, toCodePoints } from "../jmespath/text.ts";
import type { EvaluationError } from "../model/evaluation-error.ts";
import { fromByteString } from "./byte-text.ts";
import { refuseLength, spendPass } from "./step-cost.ts";

/**
 * The text with the first `limit` occurrences of `from` replaced by `to`, as Go's `strings.Replace` does it: a
 * negative limit replaces all, and an empty `from` stands before each code point and at the end.
 */
export function replaceText(
  text: string,
  from: string,
  to: string,
  limit: number,
  budget: Budget,
): string | EvaluationError {
  if (limit === 0 || from === to) return text;
  const passed = spendPass(budget, text.length + from.length + to.length);
  if (passed !== undefined) return passed;
  if (from === "") return insertText(text, to, limit, budget);
  // Invalid bytes may stand inside a valid character of the text, where only a search by byte finds them.
  if (hasInvalidBytes(from)) {
    const bytes = replaceFound(
      toByteString(text),
      toByteString(from),
      toByteString(to),
      limit,
      budget,
    );
    return typeof bytes === "string" ? fromByteString(bytes) : bytes;
  }
  const replaced = replaceFound(text, from, to, limit, budget);
  return typeof replaced === "string" ? normalizeBytes(replaced) : replaced;
}

function replaceFound(
  text: string,
  from: string,
  to: string,
  limit: number,
  budget: Budget,
): string | EvaluationError {
  const pieces: string[] = [];
  let start = 0;
  for (let at = text.indexOf(from); at >= 0; at = text.indexOf(from, start)) {
    if (pieces.length === limit) break;
    pieces.push(text.slice(start, at));
    start = at + from.length;
  }
  pieces.push(text.slice(start));
  return joinPieces(pieces, to, budget);
}

function insertText(
  text: string,
  to: string,
  limit: number,
  budget: Budget,
): string | EvaluationError {
  const characters = toCodePoints(text);
  const count = limit < 0 ? characters.length + 1 : Math.min(limit, characters.length + 1);
  const kept = characters.slice(0, count - 1);
  const rest = characters.slice(count - 1).join("");
  const inserted = joinPieces(["", ...kept, rest], to, budget);
  return typeof inserted === "string" ? normalizeBytes(inserted) : inserted;
}

function joinPieces(
  pieces: readonly string[],
  to: string,
  budget: Budget,
): string | EvaluationError {
  const kept = pieces.reduce((length, piece) => length + piece.length, 0);
  return (
    spend(budget, pieces.length) ??
    refuseLength(budget, kept + (pieces.length - 1) * to.length) ??
    pieces.join(to)
  );
}
