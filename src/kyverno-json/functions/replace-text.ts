import { hasInvalidBytes, toByteString, toCodePoints } from "../../go-values/go-string.ts";
import {
  BYTES_PER_ENCODED,
  BYTES_PER_SINGLE,
  chargedNormal,
  searchBytes,
} from "../../go-values/text-cost.ts";
import type { Budget } from "../../model/budget.ts";
import type { EvaluationError } from "../../model/evaluation-error.ts";
import { charge, refuseLength, spend } from "../../model/step-limit.ts";
import { fromByteString } from "../../values/byte-text.ts";
import { spendPass } from "../../values/step-cost.ts";

/**
 * Returns the text with the first `limit` occurrences of `from` replaced by `to`, as Go's `strings.Replace` does it: a
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
  if (from === "") {
    return charge(budget, text.length * BYTES_PER_SINGLE) ?? insertText(text, to, limit, budget);
  }
  const searched = charge(budget, searchBytes(text.length, from.length));
  if (searched !== undefined) return searched;
  // Invalid bytes may stand inside a valid character of the text, where only a search by byte finds them.
  if (hasInvalidBytes(from)) {
    const length = text.length + from.length + to.length;
    const encoded = charge(budget, length * BYTES_PER_ENCODED);
    if (encoded !== undefined) return encoded;
    const bytes = replaceFound(
      toByteString(text),
      toByteString(from),
      toByteString(to),
      limit,
      budget,
    );
    if (typeof bytes !== "string") return bytes;
    return charge(budget, bytes.length * BYTES_PER_ENCODED) ?? fromByteString(bytes);
  }
  const replaced = replaceFound(text, from, to, limit, budget);
  return typeof replaced === "string" ? chargedNormal(replaced, budget) : replaced;
}

/** Bytes that a piece costs beside its characters. */
const BYTES_PER_PIECE = 64;

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
    const refusal = charge(budget, BYTES_PER_PIECE);
    if (refusal !== undefined) return refusal;
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
  return typeof inserted === "string" ? chargedNormal(inserted, budget) : inserted;
}

function joinPieces(
  pieces: readonly string[],
  to: string,
  budget: Budget,
): string | EvaluationError {
  const kept = pieces.reduce((length, piece) => length + piece.length, 0);
  const length = kept + (pieces.length - 1) * to.length;
  return (
    spend(budget, pieces.length) ??
    refuseLength(budget, length) ??
    charge(budget, length) ??
    pieces.join(to)
  );
}
