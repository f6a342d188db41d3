import assert from "node:assert/strict";
import { existsSync, readdirSync, readFileSync } from "node:fs";
import { suite, test } from "node:test";
import { parseAllDocuments } from "yaml";
import { workersFor } from "../../src/config/default-workers.ts";
import { readConfig } from "../../src/config/read-config.ts";
import { startChild } from "../support/child-server.ts";
import { mintToken } from "../support/tokens.ts";

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

interface Container {
  readonly name: string;
  readonly image: string;
  readonly command?: unknown;
  readonly args: readonly string[];
  readonly ports?: readonly { readonly name: string; readonly containerPort: number }[];
  readonly lifecycle?: { readonly preStop: { readonly sleep: { readonly seconds: number } } };
  readonly resources: { readonly limits: { readonly memory: string } };
  readonly [probe: `${string}Probe`]: { readonly httpGet: unknown };
}

interface Pod {
  readonly manifest: string;
  readonly labels: Readonly<Record<string, string>>;
  readonly terminationGracePeriodSeconds: number;
  readonly containers: readonly Container[];
}

/** All objects of all manifests, with the manifest's name. */
const manifests = readdirSync("deploy", { recursive: true, encoding: "utf8" })
  .filter((name) => /\.ya?ml$/.test(name))
  .flatMap((name) =>
    parseAllDocuments(read(`deploy/${name}`)).map((document): { name: string; value: unknown } => ({
      name,
      value: document.toJS(),
    })),
  );

/** The pods that Ostiary is in. */
const pods: readonly Pod[] = manifests.flatMap(({ name, value }) =>
  objectsIn(value).flatMap(({ template }): Pod[] => {
    const { metadata, spec } = Object(template);
    return spec?.containers === undefined
      ? []
      : [{ manifest: name, labels: metadata.labels, ...spec }];
  }),
);

const isOstiary = ({ image }: Container): boolean => image.includes("/ostiary:");

function pauseSecondsOf({ lifecycle }: Container): number {
  return lifecycle?.preStop.sleep.seconds ?? 0;
}

const ours = pods.flatMap((pod) =>
  pod.containers.filter(isOstiary).map((container) => ({ pod, container })),
);

test("there are two ways to run it", () => {
  assert.deepEqual(ours.map(({ pod }) => pod.manifest).toSorted(), [
    "kubernetes/service.yaml",
    "kubernetes/sidecar.yaml",
  ]);
});

for (const { pod, container } of ours) {
  suite(`Ostiary in ${pod.manifest}`, () => {
    const config = readConfig({ args: container.args.slice(1), env: {} });

    test("is started by the image's entry point, with options there are", () => {
      assert.equal(container.command, undefined);
      assert.equal(container.args[0], "serve");
      assert.deepEqual(config.notices, []);
    });

    test("is probed where its admin door is open to the kubelet", () => {
      assert.deepEqual(container["startupProbe"]?.httpGet, { path: "/health", port: "admin" });
      assert.deepEqual(container["livenessProbe"]?.httpGet, { path: "/livez", port: "admin" });
      assert.deepEqual(container["readinessProbe"]?.httpGet, { path: "/readyz", port: "admin" });
      const admin = container.ports?.find(({ name }) => name === "admin");
      assert.equal(config.adminAddress, `:${admin?.containerPort}`);
    });

    test("has time for the pause before the signal and for the drain after it, and 5 seconds to spare", () => {
      const pauseSeconds = pauseSecondsOf(container);
      assert.ok(pauseSeconds >= 5);
      assert.ok(container.args.includes(`--drain-ms=${config.drainMs}`), "said, not assumed");
      const neededSeconds = pauseSeconds + config.drainMs / 1_000 + 5;
      assert.ok(pod.terminationGracePeriodSeconds >= neededSeconds);
    });

    test("outlives those that ask it", () => {
      const askers = pod.containers.filter(({ image }) => image.startsWith("envoyproxy/"));
      for (const each of askers) {
        assert.ok(pauseSecondsOf(each) < pauseSecondsOf(container), each.name);
      }
    });

    test("has memory for four workers", () => {
      const [, amount = "0", unit = ""] =
        /^(\d+)(Mi|Gi)$/.exec(container.resources.limits.memory) ?? [];
      const memoryBytes = Number(amount) * (unit === "Gi" ? 1_073_741_824 : 1_048_576);
      assert.equal(workersFor({ cores: 32, quotaCores: Infinity, memoryBytes }), 4);
    });

    test("can be reached through a NetworkPolicy only, which names no port but those needed", () => {
      const policies = manifests
        .filter(({ name }) => name === pod.manifest)
        .map(({ value }) => Object(value))
        .filter(({ kind }) => kind === "NetworkPolicy");
      const [policy, ...others] = policies;
      assert.deepEqual(others, []);
      assert.deepEqual(policy.spec.podSelector.matchLabels, pod.labels);
      assert.ok(policy.spec.policyTypes.includes("Ingress"));
      const ports = objectsIn(policy.spec.ingress).flatMap(({ port }) =>
        port === undefined ? [] : [port],
      );
      const isSidecar = pod.containers.length > 1;
      assert.deepEqual(ports, isSidecar ? ["guarded"] : ["grpc", "admin"]);
      const named = pod.containers.flatMap((each) => each.ports?.map(({ name }) => name) ?? []);
      for (const port of ports) assert.ok(named.includes(port), port);
    });
  });
}

test("the sidecar says how it can be walked round, and its own door is for its pod alone", () => {
  const text = read("deploy/kubernetes/sidecar.yaml");
  assert.match(text, /reach in another way than through Envoy's port is not guarded/);
  assert.match(text, /--address=127\.0\.0\.1:9000/);
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

test("the manifests deny everything until policies are put there", () => {
  const data = configMapData("policies.yaml", "ostiary-policies");
  assert.deepEqual(data, { "deny-all.yaml": read("policies/deny-all.yaml") });
});

test("the sidecar's Envoy is the example's, open to the pod's network", () => {
  const data = configMapData("sidecar.yaml", "bookstore-envoy");
  const example = read("examples/envoy/envoy.yaml");
  const guarded = "{ address: 127.0.0.1, port_value: 10000 }";
  assert.ok(example.includes(guarded));
  const open = example.replace(guarded, "{ address: 0.0.0.0, port_value: 10000 }");
  assert.deepEqual(data, { "envoy.yaml": open });
});

test("neither the image nor a manifest holds a sample's published key", () => {
  const copied = [...read("Dockerfile").matchAll(/^COPY (?!--from)(.*) \S+$/gm)]
    .flatMap(([, paths = ""]) => paths.split(" "))
    .filter((path) => path.startsWith("policies"));
  assert.deepEqual(copied, ["policies/deny-all.yaml"]);
  const texts = [...copied.map(read), read("deploy/kubernetes/policies.yaml")];
  for (const text of texts) assert.doesNotMatch(text, /jwt_decode/);
});

test("the image's command denies everything, and says what to mount", async (t) => {
  const command = /^CMD (\[.*\])$/m.exec(read("Dockerfile"))?.[1] ?? "[]";
  const args: readonly string[] = JSON.parse(command);
  assert.ok(!existsSync("/policies"), "this machine has policies of its own");
  const doors = ["--address=127.0.0.1:0", "--admin-address=127.0.0.1:0"];
  const http = ["--http-address=127.0.0.1:0", "--http-form=direct"];
  const server = startChild(process.execPath, ["src/main.ts", ...args, ...doors, ...http]);
  t.after(() => server.stop());
  const [, port = ""] = await server.waitFor(/listening: http on 127\.0\.0\.1:(\d+)/);
  await server.waitFor(/every request is denied[^]*Mount[^]*\/policies/);
  const authorization = `Bearer ${mintToken({ claims: { role: "admin" } })}`;
  for (const [method, path] of [
    ["GET", "/"],
    ["POST", "/book"],
    ["GET", "/healthz"],
  ] as const) {
    const answer = await fetch(`http://127.0.0.1:${port}${path}`, {
      method,
      headers: { authorization },
    });
    assert.equal(answer.status, 403);
    assert.match(await answer.text(), /denied until policies are mounted at \/policies/);
  }
});
