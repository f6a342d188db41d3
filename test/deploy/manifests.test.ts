import assert from "node:assert/strict";
import { readFileSync } from "node:fs";
import { test } from "node:test";
import { parseAllDocuments } from "yaml";

/** The `data` of a ConfigMap in a manifest. */
function configMapData(manifest: string, name: string): Record<string, string> {
  const text = readFileSync(`deploy/kubernetes/${manifest}`, "utf8");
  const documents: unknown[] = parseAllDocuments(text).map((document) => document.toJS());
  const found = documents.find(
    (document) => isConfigMap(document) && document.metadata.name === name,
  );
  assert.ok(isConfigMap(found), `no ConfigMap ${name} in ${manifest}`);
  return found.data;
}

function isConfigMap(
  value: unknown,
): value is { metadata: { name: string }; data: Record<string, string> } {
  return (
    typeof value === "object" && value !== null && "kind" in value && value.kind === "ConfigMap"
  );
}

test("the manifests mount the sample policy as it is", () => {
  const data = configMapData("policies.yaml", "ostiary-policies");
  assert.deepEqual(data, { "book.yaml": readFileSync("policies/book.yaml", "utf8") });
});

test("the sidecar's Envoy is the example's, open to the pod's network", () => {
  const data = configMapData("sidecar.yaml", "bookstore-envoy");
  const example = readFileSync("examples/envoy/envoy.yaml", "utf8");
  const guarded = "{ address: 127.0.0.1, port_value: 10000 }";
  assert.ok(example.includes(guarded));
  const open = example.replace(guarded, "{ address: 0.0.0.0, port_value: 10000 }");
  assert.deepEqual(data, { "envoy.yaml": open });
});
