import assert from "node:assert/strict";
import { readdirSync, readFileSync } from "node:fs";
import { test } from "node:test";
import { parseAllDocuments } from "yaml";

const read = (path: string): string => readFileSync(path, "utf8");

/** The options that Node gets from a script in package.json. */
function nodeOptionsOf(script: "start" | "bench:micro"): readonly string[] {
  const { scripts }: { scripts: Record<typeof script, string> } = JSON.parse(read("package.json"));
  return scripts[script].split(" ").filter((word) => word.startsWith("--"));
}

const startOptions = nodeOptionsOf("start");

test("the parts are timed with the options of `npm start`", () => {
  assert.deepEqual(nodeOptionsOf("bench:micro"), startOptions);
});

test("the image and docs/running.md start Node as `npm start` does", () => {
  const entryPoint = /^ENTRYPOINT (\[.*\])$/m.exec(read("Dockerfile"))?.[1] ?? "[]";
  const [, ...options]: readonly string[] = JSON.parse(entryPoint);
  assert.deepEqual(startOptions, [
    "--single-threaded-gc",
    "--max-semi-space-size=8",
    "--initial-old-space-size=64",
  ]);
  assert.deepEqual(options, [...startOptions, "dist/main.js"]);
  assert.match(read("docs/running.md"), new RegExp(`^node ${startOptions.join(" ")} `, "m"));
});

test("no manifest replaces the image's entry point", () => {
  const manifests = readdirSync("deploy", { recursive: true, encoding: "utf8" })
    .filter((name) => /\.ya?ml$/.test(name))
    .flatMap((name) => parseAllDocuments(read(`deploy/${name}`)))
    .map((document): unknown => document.toJS());
  const containers = manifests
    .flatMap(objectsIn)
    .filter(({ image }) => /ostiary/.test(String(image)));
  assert.ok(containers.length >= 2, `${containers.length} containers`);
  assert.deepEqual(
    containers.map(({ command }) => command),
    containers.map(() => undefined),
  );
});

/** All objects in a value, at any depth. */
function objectsIn(value: unknown): readonly Readonly<Record<string, unknown>>[] {
  if (typeof value !== "object" || value === null) return [];
  return [{ ...value }, ...Object.values(value).flatMap(objectsIn)];
}

/** The `data` of a ConfigMap in a manifest. */
function configMapData(manifest: string, name: string): Record<string, string> {
  const text = read(`deploy/kubernetes/${manifest}`);
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
  assert.deepEqual(data, { "book.yaml": read("policies/book.yaml") });
});

test("the sidecar's Envoy is the example's, open to the pod's network", () => {
  const data = configMapData("sidecar.yaml", "bookstore-envoy");
  const example = read("examples/envoy/envoy.yaml");
  const guarded = "{ address: 127.0.0.1, port_value: 10000 }";
  assert.ok(example.includes(guarded));
  const open = example.replace(guarded, "{ address: 0.0.0.0, port_value: 10000 }");
  assert.deepEqual(data, { "envoy.yaml": open });
});
