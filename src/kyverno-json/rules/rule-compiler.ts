import { findHyphenatedNames } from "../../jmespath/syntax/hyphenated-names.ts";
import type { ClientTexts } from "../../model/client-texts.ts";
import type { Diagnostic } from "../../model/diagnostic.ts";
import type { PolicyErrorCode } from "../../model/error-codes.ts";
import type { EvaluationPlan, PolicyOptions } from "../../model/limits.ts";
import type { Position } from "../../model/position.ts";
import { lineOf, renderCodeFrame } from "../../yaml/code-frame.ts";
import type { Origin, TreeCompiler } from "../assertion/tree.ts";
import type { PolicyDocument } from "../document/document.ts";
import { checkKeys } from "./check-keys.ts";
import type { ExpectedPatterns } from "./expected-patterns.ts";
import type { ExpressionCompiler } from "./shared-expressions.ts";

/** Faults that keep a policy from being loaded in compat mode too: a bound of ours, a key that anybody has. */
const alwaysErrors: ReadonlySet<PolicyErrorCode> = new Set(["POLICY_TOO_LARGE", "POLICY_KEY"]);

/**
 * What compiles the trees and expressions of one document, and adds what is wrong with them to the diagnostics.
 *
 * With `--compat` the original's faults are warnings: they then err when a request reaches them.
 */
export function createPolicyCompiler(
  document: PolicyDocument,
  options: PolicyOptions,
  plan: EvaluationPlan,
  texts: ClientTexts,
  compileExpression: ExpressionCompiler,
  diagnostics: Diagnostic[],
  patterns: ExpectedPatterns,
): TreeCompiler {
  const { limits } = options;
  const report = (
    code: PolicyErrorCode,
    severity: "error" | "warning",
    message: string,
    origin: Origin,
    offset: number = 0,
  ): void => {
    const isLenient = options.compat !== "none" && !alwaysErrors.has(code);
    diagnostics.push({
      code,
      severity: isLenient ? "warning" : severity,
      message,
      file: document.file,
      ...placeOf(document, origin, offset),
    });
  };
  return {
    limits,
    plan,
    texts,
    report,
    compile: (expression, offset, origin) => {
      const compiled = compileExpression(expression, origin.variables);
      patterns.add(compiled);
      for (const fault of compiled.faults) {
        // The original loads what errs when it is reached, and so does the safe default where it can be meant.
        const severity = fault.code === "POLICY_CONSTANT" ? "warning" : "error";
        report(fault.code, severity, fault.message, origin, offset + fault.offset);
      }
      for (const { name, offset: at } of compiled.variables) {
        if (origin.variables.has(name)) continue;
        const message = `variable \`$${name}\` is never defined here`;
        report("POLICY_UNDEFINED_VARIABLE", "warning", message, origin, offset + at);
      }
      for (const at of findHyphenatedNames(expression.text)) {
        const message =
          'a name with a hyphen is one name minus another: write it in quotes, `"x-name"`';
        report("POLICY_MISUSE", "warning", message, origin, offset + at);
      }
      for (const fault of checkKeys(compiled.callSites, origin.variables)) {
        report("POLICY_KEY", fault.severity, fault.message, origin, offset + fault.offset);
      }
      return compiled.evaluate;
    },
  };
}

/** Where the offset in the origin's text stands, as closely as the file's text shows it. */
function placeOf(
  document: PolicyDocument,
  origin: Origin,
  offset: number,
): Pick<Diagnostic, "line" | "column" | "frame"> {
  const { fileText } = document;
  const located = document.locate(origin.documentPath);
  const position = { line: located.line, column: columnOf(fileText, located, origin, offset) };
  const frame = renderCodeFrame(fileText, position);
  return frame === undefined ? position : { ...position, frame };
}

/** Folded and escaped texts do not stand in the line as they are; then their key's or item's start has to do. */
function columnOf(fileText: string, located: Position, origin: Origin, offset: number): number {
  const line = lineOf(fileText, located.line) ?? "";
  const last = origin.documentPath.at(-1);
  const keyLength = !origin.isKey && typeof last === "string" ? last.length : 0;
  const start = line.indexOf(origin.text, located.column - 1 + keyLength);
  return origin.text === "" || start < 0 ? located.column : start + offset + 1;
}
