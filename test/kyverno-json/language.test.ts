import { createKyvernoJson } from "../../src/kyverno-json/language.ts";
import { defaultPolicyOptions } from "../../src/model/limits.ts";
import { allFunctions } from "../fuzz/engine-table.ts";
import { testLanguage } from "../policy/language-contract.ts";

function policy(name: string, check: string): string {
  return `apiVersion: json.kyverno.io/v1alpha1
kind: ValidatingPolicy
metadata: { name: ${name} }
spec: { rules: [{ name: r, assert: { all: [{ message: only GET, check: ${check} }] } }] }
`;
}

testLanguage("Kyverno JSON", {
  language: createKyvernoJson(defaultPolicyOptions, allFunctions),
  apiVersion: "json.kyverno.io/v1alpha1",
  kind: "ValidatingPolicy",
  onlyGet: (name) => policy(name, "{ request: { http: { method: GET } } }"),
  faulty: (name) => policy(name, "{}").replace("check", "chekc"),
  badExpression: (name) => policy(name, '{ "(nope(@))": true }'),
});
