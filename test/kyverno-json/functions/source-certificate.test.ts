import assert from "node:assert/strict";
import { existsSync, readFileSync } from "node:fs";
import { suite, test } from "node:test";
import { compileExpression } from "../../../src/jmespath/compile/compile.ts";
import { rootScope } from "../../../src/jmespath/compile/scope.ts";
import { createPolicyFunctions } from "../../../src/kyverno-json/functions/function-table.ts";
import { EvaluationError } from "../../../src/model/evaluation-error.ts";
import { defaultEvaluationLimits } from "../../../src/model/limits.ts";
import { valueAt } from "../../support/json-path.ts";
import { createBudget } from "./call-function.ts";
import { caPem, ecPem } from "./certificates.ts";

const functions = createPolicyFunctions({
  nowMs: () => 0,
  random: () => 0,
  decoderFor: () => () => null,
});

/** The certificate's common name, as a policy takes it from what Envoy sends; or the error's message. */
function commonName(certificate: string): unknown {
  const { evaluate } = compileExpression(
    "x509_decode(url_decode(certificate)).Subject.CommonName",
    functions,
    defaultEvaluationLimits,
  );
  const result = evaluate({ certificate }, rootScope(createBudget()));
  return result instanceof EvaluationError ? result.message : result;
}

/** What Envoy puts into `source.certificate`. */
function encodeAsEnvoy(pem: string): string {
  return pem
    .replaceAll("\n", "%0A")
    .replaceAll(" ", "%20")
    .replaceAll("+", "%2B")
    .replaceAll("/", "%2F")
    .replaceAll("=", "%3D");
}

suite("the certificate that Envoy passes on", () => {
  test("is read once it is decoded, and not before", () => {
    assert.equal(commonName(encodeAsEnvoy(caPem)), commonName(caPem));
    assert.equal(
      commonName(encodeAsEnvoy(caPem).replaceAll("%", "%25")),
      "failed to decode PEM block",
    );
    assert.match(String(commonName(encodeAsEnvoy(ecPem))), /certificate should use rsa algorithm/);
    assert.match(String(commonName(`${encodeAsEnvoy(caPem)}%`)), /url_decode/);
  });

  const folder = new URL(
    "../../../../shared/cases/source-certificate-urlencoded/",
    import.meta.url,
  );
  const wants = {
    "request-rsa.json": /^client-rsa$/,
    "request-ec.json": /certificate should use rsa algorithm/,
    "request-ed.json": /certificate should use rsa algorithm/,
  };
  for (const [name, want] of Object.entries(wants)) {
    const file = new URL(name, folder);
    test(`as reported, ${name}`, {
      skip: !existsSync(file) && "the reported cases are not beside the project",
    }, () => {
      const request = JSON.parse(readFileSync(file, "utf8"));
      const certificate = valueAt(request, ["attributes", "source", "certificate"]);
      assert.ok(typeof certificate === "string");
      assert.match(String(commonName(certificate)), want);
    });
  }
});
