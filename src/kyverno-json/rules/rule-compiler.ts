import { locateInText } from "../../documents/locate-in-text.ts";
import { findHyphenatedNames } from "../../jmespath/syntax/hyphenated-names.ts";
import type { ClientTexts } from "../../model/client-texts.ts";
import type { Diagnostic } from "../../model/diagnostic.ts";
import type { PolicyErrorCode } from "../../model/error-codes.ts";
import type { EvaluationPlan, PolicyOptions } from "../../model/limits.ts";
import type { Origin, TreeCompiler } from "../assertion/tree.ts";
import type { PolicyDocument } from "../document/document.ts";
import { checkKeys, takesKey } from "./check-keys.ts";
import type { ExpectedPatterns } from "./expected-patterns.ts";
import type { ExpressionCompiler } from "./shared-expressions.ts";

/** Faults that keep a policy from being loaded in compat mode too: a bound of ours, a key that anybody has. */
const alwaysErrors: ReadonlySet<PolicyErrorCode> = new Set([
  "POLICY_TOO_LARGE",
  "POLICY_KEY",
  "POLICY_ANSWER",
]);

/**
 * Returns what compiles the trees and expressions of one document, and adds what is wrong with them to the diagnostics.
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
      ...locateInText(document, origin.documentPath, origin.text, offset, origin.isKey),
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
      if (origin.isAnswer === true && compiled.callSites.some(takesKey)) {
        const message =
          "a key has no place in an answer: decode the token in `context`, and show its claims here";
        report("POLICY_ANSWER", "error", message, origin, offset);
      }
      for (const fault of checkKeys(compiled.callSites, origin.variables)) {
        report("POLICY_KEY", fault.severity, fault.message, origin, offset + fault.offset);
      }
      return compiled.evaluate;
    },
  };
}
