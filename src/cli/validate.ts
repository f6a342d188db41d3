import { readConfig } from "../config/read-config.ts";
import { createEvaluator } from "../evaluator/evaluator.ts";
import { type Diagnostic, isError } from "../model/diagnostic.ts";
import { formatDiagnostic } from "../service/log-diagnostic.ts";
import { readPolicyFiles } from "../sources/files/read-policy-files.ts";
import type { Command } from "./command.ts";

/** `ostiary validate`: loads policies as the server would and says what is wrong with them. */
export const validateCommand: Command = {
  name: "validate",
  summary: "check policies without serving them",
  help: () =>
    [
      "Usage: ostiary validate PATH... [OPTION...]",
      "",
      "Loads the files and folders as `ostiary serve` would, and prints every fault with file, line and column.",
      "Takes the options of `serve` that concern policies (--compat, --max-depth, …).",
      "Exit codes: 0 the policies load, 1 they have faults, 2 usage error.",
    ].join("\n"),
  run: async (args, context) => {
    const config = readConfig({ args, env: context.env, bareOption: "policy" });
    for (const notice of config.notices) context.printError(`ostiary validate: ${notice}`);
    const read = await readPolicyFiles(config.policyPaths);
    const loaded =
      read.snapshot === undefined
        ? { diagnostics: [] }
        : createEvaluator(read.snapshot, config.policyOptions);
    const diagnostics: readonly Diagnostic[] = [...read.diagnostics, ...loaded.diagnostics];
    for (const diagnostic of diagnostics) context.print(formatDiagnostic(diagnostic));
    const errors = diagnostics.filter(isError).length;
    const files = read.snapshot?.files.length ?? 0;
    const warnings = diagnostics.length - errors;
    context.print(
      `${count(files, "file")}, ${count(errors, "error")}, ${count(warnings, "warning")}`,
    );
    if (files === 0 && errors === 0) {
      context.printError(`no policy in ${config.policyPaths.join(", ")}`);
      return 1;
    }
    return errors === 0 ? 0 : 1;
  },
};

function count(number: number, noun: string): string {
  return `${number} ${noun}${number === 1 ? "" : "s"}`;
}
