import { readFileSync } from "node:fs";
import { checkCel } from "../../src/cel/check/check.ts";
import { compileCel } from "../../src/cel/compile/compile.ts";
import { createEnvoyEnvironment } from "../../src/cel/envoy/envoy-environment.ts";
import { JsonMessage } from "../../src/cel/messages/json-message.ts";
import { parseCel } from "../../src/cel/syntax/parse.ts";
import { renderType } from "../../src/cel/types/type.ts";
import { CelMap } from "../../src/cel/values/map.ts";
import { CelMessage } from "../../src/cel/values/message.ts";
import {
  CelDuration,
  CelOpaque,
  CelOptional,
  CelTimestamp,
  CelTypeValue,
  CelUint,
  type CelValue,
} from "../../src/cel/values/value.ts";
import { createBudget } from "../../src/model/budget.ts";
import { isEvaluationError } from "../../src/model/evaluation-error.ts";
import { defaultEvaluationLimits } from "../../src/model/limits.ts";

const { environment } = createEnvoyEnvironment([], new Map());
const show = (v: CelValue): any => {
  if (v === null) return { null: null };
  if (typeof v === "boolean") return { bool: v };
  if (typeof v === "bigint") return { int: String(v) };
  if (typeof v === "number")
    return {
      double: Number.isNaN(v)
        ? "NaN"
        : v === Infinity
          ? "Infinity"
          : v === -Infinity
            ? "-Infinity"
            : Object.is(v, -0)
              ? "-0"
              : v,
    };
  if (typeof v === "string") return { string: v };
  if (v instanceof CelUint) return { uint: String(v.value) };
  if (v instanceof Uint8Array) return { bytes: Buffer.from(v).toString("base64") };
  if (Array.isArray(v)) return { list: v.map(show) };
  if (v instanceof CelMap)
    return {
      map: [...v.entries()]
        .map(([k, x]) => [show(k), show(x)])
        .sort((a, b) => (JSON.stringify(a[0]) < JSON.stringify(b[0]) ? -1 : 1)),
    };
  if (v instanceof CelOptional) return { optional: v.value === undefined ? null : [show(v.value)] };
  if (v instanceof CelTimestamp) return { timestamp: v.nanos };
  if (v instanceof CelDuration) return { duration: String(v.nanos) };
  if (v instanceof CelTypeValue) return { type: v.name };
  if (v instanceof CelMessage)
    return {
      message: v.typeName,
      fields: Object.fromEntries([...v.setFields()].map(([k, x]) => [k, show(x)])),
    };
  return { opaque: (v as CelOpaque).typeName };
};
let pass = 0,
  fail = 0;
const kinds = new Map<string, number>();
for (const file of process.argv.slice(2))
  for (const line of readFileSync(file, "utf8").split("\n")) {
    if (line === "") continue;
    const v = JSON.parse(line);
    if (v.kind !== "expr" || v.mode !== "Envoy") continue;
    let got: any;
    try {
      const root = parseCel(v.expr, 200);
      const checked = checkCel(root, environment.check);
      if (checked.faults.length > 0) got = { compileError: checked.faults[0]!.message };
      else {
        const evaluate = compileCel(root, checked, { messages: environment.messages });
        const object = new JsonMessage(
          environment.messages.shape("envoy.service.auth.v3.CheckRequest") as any,
          v.checkRequest ?? {},
        );
        const result = evaluate({
          budget: createBudget(defaultEvaluationLimits),
          nowMs: 0,
          object,
          variables: undefined,
          locals: [],
        });
        got = isEvaluationError(result)
          ? { error: result.message, type: renderType(checked.type) }
          : { type: renderType(checked.type), value: show(result) };
      }
    } catch (e: any) {
      got = e.name === "CelSyntaxError" ? { compileError: e.message } : { crash: e.stack };
    }
    const w = v.expect;
    const same = w.panic
      ? got.compileError !== undefined || got.error !== undefined
      : w.compileError
        ? got.compileError !== undefined
        : w.error !== undefined
          ? got.error !== undefined && got.type === w.type
          : got.type === w.type &&
            (JSON.stringify(got.value, (_, x) => (typeof x === "bigint" ? String(x) : x)) ===
              JSON.stringify(w.value) ||
              w.value?.opaque ||
              w.value?.timestamp ||
              w.value?.message);
    if (same) pass++;
    else {
      fail++;
      const key = got.crash
        ? "crash"
        : (got.compileError?.replace(/`.*?`/, (m: string) => m).slice(0, 60) ?? "value");
      kinds.set(key, (kinds.get(key) ?? 0) + 1);
      if (process.env["SHOW"] && key.includes(process.env["SHOW"]))
        console.log(
          v.id,
          v.expr.slice(0, 150),
          "\n   want",
          JSON.stringify(w).slice(0, 200),
          "\n   got ",
          JSON.stringify(got, (_, x) => (typeof x === "bigint" ? String(x) : x)).slice(0, 400),
        );
    }
  }
console.log(pass, "passed", fail, "failed");
for (const [k, n] of [...kinds].sort((a, b) => b[1] - a[1]).slice(0, 40)) console.log(n, k);
