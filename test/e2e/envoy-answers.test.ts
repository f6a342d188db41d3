import assert from "node:assert/strict";
import { mkdtempSync, rmSync, writeFileSync } from "node:fs";
import {
  type ClientRequest,
  createServer,
  type IncomingMessage,
  type OutgoingHttpHeaders,
  request,
  type Server,
} from "node:http";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { after, before, suite, test } from "node:test";
import { type ChildServer, doorPort, startOstiary } from "../support/child-server.ts";
import { findEnvoy } from "../support/find-envoy.ts";
import { listeningPort } from "../support/listening-port.ts";
import { type RunningEnvoy, startEnvoy } from "../support/start-envoy.ts";

const envoy = await findEnvoy();
const binary = "path" in envoy ? envoy.path : "";
const skip = "missing" in envoy ? envoy.missing : false;

/** Every kind of mutation, once in each language. */
const policies = {
  cel: `apiVersion: policies.kyverno.io/v1
kind: ValidatingPolicy
metadata: { name: answers }
spec:
  evaluation: { mode: Envoy }
  validations:
    - expression: >
        object.attributes.request.http.path == "/denied"
          ? envoy.Denied(418)
              .WithHeader("x-why", "teapot")
              .WithHeader(envoy.Header("x-two", "a").Append())
              .WithHeader(envoy.Header("x-two", "b").Append())
              .WithBody("short and stout")
              .Response()
              .WithMetadata({"user": "nobody"})
          : null
    - expression: >
        envoy.Allowed()
          .WithHeader("X-User", "ann")
          .WithHeader(envoy.Header("x-list", "b").Append())
          .WithoutHeader("x-secret")
          .WithResponseHeader("x-seen", "yes")
          .WithQueryParam("who", "ann & co")
          .WithoutQueryParam("token")
          .Response()
          .WithMetadata({"user": "ann"})
`,
  trees: `apiVersion: json.kyverno.io/v1alpha1
kind: ValidatingPolicy
metadata:
  name: answers
  annotations:
    ostiary.dev/denied: |
      status: 418
      body: short and stout
      headers: { x-why: teapot }
      metadata: { user: nobody }
    ostiary.dev/allowed: |
      headers: { X-User: ann, x-list: { value: b, append: true } }
      removeHeaders: [x-secret]
      responseHeaders: { x-seen: "yes" }
      queryParameters: { who: ann & co }
      removeQueryParameters: [token]
      metadata: { user: ann }
spec:
  rules:
    - name: not-denied
      assert:
        all:
          - check: { request: { http: { (path != '/denied'): true } } }
`,
};

interface Deployment {
  readonly ostiary: ChildServer;
  readonly guarded: RunningEnvoy;
  readonly application: Server;
  readonly folder: string;
}

async function deploy(policy: string): Promise<Deployment> {
  const folder = mkdtempSync(join(tmpdir(), "ostiary-answers-"));
  const path = join(folder, "policy.yaml");
  writeFileSync(path, policy);
  const application = createServer((incoming, response) => {
    response.setHeader("content-type", "application/json");
    response.end(JSON.stringify({ url: incoming.url, lines: incoming.rawHeaders }));
  });
  const ostiary = await startOstiary([`--policy=${path}`, "--workers=1", "--dispatch=pool"]);
  const ports = {
    ostiary: doorPort(ostiary, "grpc"),
    application: await listeningPort(application),
  };
  const guarded = await startEnvoy(binary, ports, (config) =>
    config.replace(
      'domains: ["*"]\n',
      `domains: ["*"]
                      response_headers_to_add:
                        - header: { key: x-metadata, value: "%DYNAMIC_METADATA(envoy.filters.http.ext_authz:user)%" }
`,
    ),
  );
  return { ostiary, guarded, application, folder };
}

async function stop({ ostiary, guarded, application, folder }: Deployment): Promise<void> {
  await guarded.stop();
  await ostiary.stop();
  application.close();
  rmSync(folder, { recursive: true });
}

interface Answer {
  readonly status: number | undefined;
  readonly headers: IncomingMessage["headers"];
  readonly body: string;
}

/** What the policy says, said by a client. */
const forged: OutgoingHttpHeaders = {
  "x-user": ["eve", "mallory"],
  "x-list": "a",
  "x-secret": ["1", "2"],
};

async function ask(
  { guarded }: Deployment,
  path: string,
  headers: OutgoingHttpHeaders = forged,
): Promise<Answer> {
  return await new Promise((resolve, reject) => {
    const sent: ClientRequest = request(
      `${guarded.url}${path}`,
      { headers, agent: false },
      (response) => {
        let body = "";
        response.setEncoding("utf8");
        response.on("data", (chunk: string) => {
          body += chunk;
        });
        response.on("end", () => {
          resolve({ status: response.statusCode, headers: response.headers, body });
        });
      },
    );
    sent.on("error", reject);
    sent.end();
  });
}

/** The values of a header as the application got them, a line each. */
function valuesOf(lines: readonly string[], wanted: string): readonly string[] {
  return lines.filter((_, index) => index % 2 === 1 && lines[index - 1]?.toLowerCase() === wanted);
}

for (const [language, policy] of Object.entries(policies)) {
  suite(`what a policy has a real Envoy told: ${language}`, { skip }, () => {
    let deployment: Deployment;
    before(async () => {
      deployment = await deploy(policy);
    });
    after(async () => {
      await stop(deployment);
    });

    test("a denied client gets status, headers, body, and the proxy metadata", async () => {
      const { status, headers, body } = await ask(deployment, "/denied");
      assert.deepEqual([status, body], [418, "short and stout"]);
      assert.equal(headers["x-why"], "teapot");
      assert.equal(headers["x-two"], language === "cel" ? "a, b" : undefined);
      assert.equal(headers["x-metadata"], "nobody");
    });

    test("the application gets headers and query parameters, and nothing of the client's in their place", async () => {
      const path = "/x?token=1&a=b&token=2&who=eve&%74oken=3&%77ho=mallory";
      const { status, headers, body } = await ask(deployment, path);
      assert.equal(status, 200);
      const { url, lines } = JSON.parse(body);
      assert.deepEqual(valuesOf(lines, "x-user"), ["ann"]);
      assert.deepEqual(valuesOf(lines, "x-list").join(",").split(/, ?/), ["a", "b"]);
      assert.deepEqual(valuesOf(lines, "x-secret"), []);
      const query = new URL(url, "http://a.test").searchParams;
      assert.deepEqual([...query.keys()].toSorted(), ["a", "who"]);
      assert.deepEqual([query.get("a"), query.get("who")], ["b", "ann & co"]);
      assert.deepEqual([headers["x-seen"], headers["x-metadata"]], ["yes", "ann"]);
    });

    test("the application gets a header that is appended when the client sent none", async () => {
      const { body } = await ask(deployment, "/x", {});
      assert.deepEqual(valuesOf(JSON.parse(body).lines, "x-list"), ["b"]);
    });
  });
}
