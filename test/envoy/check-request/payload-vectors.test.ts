import assert from "node:assert/strict";
import { existsSync, readFileSync } from "node:fs";
import { test } from "node:test";
import { normalizeCheckRequest } from "../../../src/envoy/check-request/normalize-check-request.ts";
import { defaultNormalizeOptions } from "../../../src/payload/normalize-options.ts";
import { encodeCheckRequest } from "../../support/check-request-bytes.ts";
import { readJsonLine } from "../../support/read-json-line.ts";

interface CheckVector {
  readonly id: string;
  readonly checkRequest: Parameters<typeof encodeCheckRequest>[0];
  readonly expect: { readonly payload: unknown };
}

const files = [
  new URL("../../conformance/own/check-authz.jsonl", import.meta.url),
  new URL("../../../../shared/conformance/upstream/check-upstream.jsonl", import.meta.url),
].filter((file) => existsSync(file));

for (const file of files) {
  test(`payloads of ${file.pathname.split("/").slice(-2).join("/")} are the original's`, () => {
    const vectors = readFileSync(file, "utf8")
      .trimEnd()
      .split("\n")
      .map((line): CheckVector => readJsonLine(line));
    const options = { ...defaultNormalizeOptions, requireHttp: false, rawHost: true };
    for (const { id, checkRequest, expect } of vectors) {
      const message = encodeCheckRequest(checkRequest);
      assert.deepEqual(
        normalizeCheckRequest(message, options),
        { payload: expect.payload, sizeBytes: message.length },
        id,
      );
    }
  });
}
