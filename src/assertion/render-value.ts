import { formatGoNumber, formatGoSyntax, quoteGoString } from "../jmespath/go-format.ts";
import { GoStruct, type Value } from "../jmespath/value.ts";

/** How the original prints the value that it found, cut where it grows beyond the length. */
export function renderBadValue(value: Value, maxLength: number): string {
  if (value === null) return '"null"';
  return value instanceof GoStruct ? value.displayText() : renderValue(value, maxLength);
}

/** How the original prints the value that it expected, cut where it grows beyond the length. */
export function renderExpectedValue(value: Value, maxLength: number): string {
  if (value === null) return "<nil>";
  // Only a found pointer is followed to its target.
  if (value instanceof GoStruct && value.kind === "ptr") return value.goSyntax();
  return renderBadValue(value, maxLength);
}

function renderValue(value: Exclude<Value, null>, maxLength: number): string {
  if (typeof value === "string") return quoteGoString(value);
  if (typeof value === "number") return formatGoNumber(value);
  return formatGoSyntax(value, maxLength);
}
