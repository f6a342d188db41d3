import { readFileSync } from "node:fs";
import { buildDocument } from "../../src/cel/document/build-document.ts";
import type { CelPolicyDocument, ExceptionDocument } from "../../src/cel/document/document.ts";
import { validateDocument } from "../../src/cel/document/validate-document.ts";
import { createEnvoyMode } from "../../src/cel/envoy/envoy-mode.ts";
import { evaluatePolicy } from "../../src/cel/policy/cel-policy.ts";
import { compilePolicy } from "../../src/cel/policy/compile-policy.ts";
import { CelMap } from "../../src/cel/values/map.ts";
import { CelMessage } from "../../src/cel/values/message.ts";
import { createBudget } from "../../src/model/budget.ts";
import { isEvaluationError } from "../../src/model/evaluation-error.ts";
import { isJsonObject } from "../../src/model/json.ts";
import { defaultEvaluationLimits } from "../../src/model/limits.ts";
import { finishSteps } from "../../src/model/resumable.ts";
import { splitDocumentsSteps } from "../../src/policy/split-documents.ts";
import { parseYaml } from "../../src/yaml/parse-yaml.ts";

const mode = createEnvoyMode();
const camel = (s: string) => s.replace(/_([a-z])/g, (_, c: string) => c.toUpperCase());
const json = (v: any): any => {
  if (v instanceof CelMessage) {
    if (v.typeName === "google.protobuf.Struct") return json(v.get("fields"));
    return Object.fromEntries([...v.setFields()].map(([k, x]) => [camel(k), json(x)]));
  }
  if (v instanceof CelMap)
    return Object.fromEntries([...v.entries()].map(([k, x]) => [String(k), json(x)]));
  if (Array.isArray(v)) return v.map(json);
  if (typeof v === "bigint") return Number(v);
  return v;
};
const sort = (v: any): any =>
  Array.isArray(v)
    ? v.map(sort)
    : isJsonObject(v)
      ? Object.fromEntries(
          Object.entries(v)
            .sort(([a], [b]) => (a < b ? -1 : 1))
            .map(([k, x]) => [k, sort(x)]),
        )
      : v;
const documents = (text: string, faults: any[]) =>
  finishSteps(splitDocumentsSteps(text)).documents.flatMap(({ text: t }) => {
    const { value, faults: yaml } = parseYaml(t);
    const v = validateDocument(value, yaml);
    faults.push(...yaml.filter(Boolean), ...v.faults);
    return v.document && v.faults.length === 0 && yaml.length === 0
      ? [
          buildDocument(v.document, {
            file: "p.yaml",
            fileText: t,
            value,
            faults: [],
            locate: () => ({ line: 1, column: 1 }),
          }),
        ]
      : [];
  });
let pass = 0,
  fail = 0;
for (const file of process.argv.slice(2))
  for (const line of readFileSync(file, "utf8").split("\n")) {
    if (line === "") continue;
    const v = JSON.parse(line);
    if (v.kind !== "policy" || v.mode !== "Envoy") continue;
    let got: any;
    try {
      const faults: any[] = [];
      const policies = documents(v.policies, faults)
        .filter((d): d is CelPolicyDocument => d.kind === "policy")
        .sort((a, b) => (a.name < b.name ? -1 : 1));
      const skipped = faults.length;
      const exceptions = v.exceptions
        ? documents(v.exceptions, faults).filter(
            (d): d is ExceptionDocument => d.kind === "exception",
          )
        : [];
      const compiled = policies
        .filter((p) => p.mode === "Envoy")
        .map((p) =>
          compilePolicy(
            p,
            exceptions.filter((e) => e.mode === p.mode && e.policyNames.includes(p.name)),
            mode,
            defaultEvaluationLimits,
          ),
        );
      const errors = [
        ...new Set(compiled.filter((c) => c.diagnostics.length > 0).map((c) => c.policy.name)),
      ];
      got = {
        skipped,
        result: null,
        errors,
        diag: compiled.flatMap((c) => c.diagnostics.map((d) => d.message)),
      };
      const budget = createBudget(defaultEvaluationLimits);
      for (const { policy } of compiled.filter((c) => c.diagnostics.length === 0)) {
        const o = evaluatePolicy(policy, {
          budget,
          nowMs: Date.parse("2026-12-01"),
          object: mode.createObject(v.checkRequest?.attributes ?? {}, undefined),
          variables: undefined,
          locals: [],
        });
        if (o === undefined || o.isIgnored) continue;
        if (isEvaluationError(o.result)) got.error = o.result.message + (o.result.fault ?? "");
        else got.result = sort(json(o.result));
        break;
      }
    } catch (e: any) {
      got = { crash: e.stack };
    }
    const w = v.expect;
    const want = JSON.stringify(sort(w.result ?? null));
    const fixStatus = (r: any) =>
      JSON.stringify(r)
        ?.replace('"code":403', '"code":"Forbidden"')
        .replace('"code":401', '"code":"Unauthorized"')
        .replace('"code":418', '"code":418')
        .replace('"code":429', '"code":"TooManyRequests"');
    const codes = [...new Set((w.compileErrors ?? []).map((e: any) => e.policy))];
    const same =
      !got.crash &&
      (w.error !== undefined) === (got.error !== undefined) &&
      fixStatus(got.result) === want &&
      codes.length > 0 === (got.errors.length > 0 || (got.skipped > 0 && codes.length > 0)) &&
      (w.skipped?.length ?? 0) > 0 === got.skipped > 0;
    if (same) pass++;
    else {
      fail++;
      if (process.env["SHOW"])
        console.log(
          v.id,
          v.name,
          "\n   want",
          JSON.stringify(w).slice(0, 300),
          "\n   got ",
          JSON.stringify(got).slice(0, 500),
        );
    }
  }
console.log(pass, "passed", fail, "failed");
