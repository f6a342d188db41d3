import { formatGoSyntax } from "../../go-values/go-format.ts";
import { GoStruct, type Value } from "../../go-values/value.ts";
import type { Budget } from "../../model/budget.ts";

/** Returns how the original prints the value that it found, cut where it grows beyond the length or the budget ends. */
export function renderBadValue(value: Value, maxLength: number, budget?: Budget): string {
  if (value === null) return '"null"';
  return value instanceof GoStruct ? value.displayText() : formatGoSyntax(value, maxLength, budget);
}

/** Returns how the original prints the value that it expected, cut likewise. */
export function renderExpectedValue(value: Value, maxLength: number, budget?: Budget): string {
  if (value === null) return "<nil>";
  // Only a found pointer is followed to its target.
  if (value instanceof GoStruct && value.kind === "ptr") return value.goSyntax();
  return renderBadValue(value, maxLength, budget);
}
