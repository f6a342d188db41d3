import type { FunctionRow } from "../../jmespath/functions/function-table.ts";
import { decodePercent, normalizePath } from "../../model/request-path.ts";
import { spendPass } from "../../values/step-cost.ts";
import { functionError } from "./function-error.ts";
import { stringArgument } from "./typed-argument.ts";

/** A text is searched, decoded and taken apart about this often. */
const PASSES = 8;

/** The functions for what is escaped in a URL; the original engine has neither. */
export const urlFunctions: readonly FunctionRow[] = [
  textRow("url_decode", decodePercent, "an escape is malformed, or not UTF-8"),
  textRow("path_normalize", normalizeWithoutQuery, "the path has no normal form"),
];

function textRow(
  name: string,
  compute: (text: string) => string | undefined,
  fault: string,
): FunctionRow {
  return {
    name,
    bytesPerCharacter: 16,
    parameters: [{ types: ["string"] }],
    body: ([argument], budget) => {
      const text = stringArgument(argument);
      return spendPass(budget, text.length * PASSES) ?? compute(text) ?? functionError(name, fault);
    },
  };
}

/** The normal form of a target's path, without a slash at the end: `/admin/` and `/admin` are one to a rule. */
function normalizeWithoutQuery(target: string): string | undefined {
  const [path = ""] = target.split("?", 1);
  const normal = target.includes("#") ? undefined : normalizePath(path);
  return normal !== undefined && normal.length > 1 && normal.endsWith("/")
    ? normal.slice(0, -1)
    : normal;
}
