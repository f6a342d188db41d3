import assert from "node:assert/strict";
import { mkdtempSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { suite, test } from "node:test";
import { fromBinary } from "@bufbuild/protobuf";
import { CheckResponseSchema } from "../../src/gen/envoy/service/auth/v3/external_auth_pb.ts";
import { encodeCheckRequest } from "../support/check-request-bytes.ts";
import { type ChildServer, doorPort, startOstiary } from "../support/child-server.ts";
import { createRawGrpcClient } from "../support/raw-grpc-client.ts";
import { mintToken } from "../support/tokens.ts";

/** In every policy below; also what its key begins with, so that no text may hold it. */
const secret = "9f8e7d-SECRET";
const key = `${secret}-of-thirty-two-bytes-or-more`;
const claims = `jwt_decode(split(request.http.headers.authorization, ' ')[1], '${key}').payload`;

/** Policies that keep everybody out who does not know the secret, each in another way. */
const good: readonly string[] = [
  `check: {request: {http: {headers: {x-api-key: ${secret}}}}}`,
  `message: "role {{ ${claims}.role }} may not", check: {"(${claims}.role)": admin}`,
  `check: {request: {http: {headers: {authorization: {"(split(@, ' ')[1])": {"(jwt_decode(@ , '${key}').payload.role)": admin}}}}}}`,
  `message: "{{ join('${secret}', $key) }}", check: {"(contains($keys, request.http.headers.\\"x-api-key\\"))": true}`,
  `check: {"(regex_match('[${secret}', request.http.path))": true}`,
  `check: {"(time_parse('${secret}', request.http.path))": now}`,
  `check: {"~.($keys)": "(request.http.path)"}`,
  `check: {"($policy.spec)": nothing}`,
  `check: {request: {http: {path: "/${secret}"}}}`,
];

/** What loads with --compat only. */
const faulty: readonly string[] = [
  `check: {"(jwt_decode('x', '${key}'": admin}`,
  `check: {path: "~i.('${secret}')"}`,
  `message: "{{ join('}}', '${secret}') }}", check: {request: {http: {path: /nowhere}}}`,
];

function policyOf(assertion: string, index: number): string {
  return `
apiVersion: json.kyverno.io/v1alpha1
kind: ValidatingPolicy
metadata: { name: p${index} }
spec:
  rules:
    - name: r
      context: [{ name: key, variable: ${key} }, { name: keys, variable: [${key}, ${secret}] }]
      assert: { all: [{ ${assertion} }] }
`;
}

function folderOf(assertions: readonly string[]): string {
  const folder = mkdtempSync(join(tmpdir(), "ostiary-secrets-"));
  for (const [index, assertion] of assertions.entries()) {
    writeFileSync(join(folder, `p${index}.yaml`), policyOf(assertion, index));
  }
  return folder;
}

const path = "/stock?now=1";
const token = mintToken({ secret: key, claims: { sub: "ann" } });
const headersOf: readonly Readonly<Record<string, string>>[] = [
  {},
  { "x-api-key": "guess", authorization: "Bearer x" },
  { "x-api-key": "guess", authorization: `Bearer ${token}` },
  { authorization: "Basic" },
];

/** What both doors tell a client that sends these headers. */
async function ask(server: ChildServer, headers: Readonly<Record<string, string>>) {
  const client = createRawGrpcClient(`127.0.0.1:${doorPort(server, "grpc")}`);
  const attributes = { request: { http: { method: "GET", path, headers } } };
  const checkPath = "/envoy.service.auth.v3.Authorization/Check";
  const { message } = await client.call(checkPath, encodeCheckRequest({ attributes }));
  client.close();
  assert.ok(message !== undefined);
  const { httpResponse } = fromBinary(CheckResponseSchema, message);
  assert.equal(httpResponse.case, "deniedResponse");
  const answer = await fetch(`http://127.0.0.1:${doorPort(server, "http")}${path}`, { headers });
  assert.equal(answer.status, 403);
  const answered = [...answer.headers].map(([name, value]) => `${name}: ${value}`);
  return [
    httpResponse.value.body,
    await answer.text(),
    answered.join("\n"),
    message.toString("latin1"),
  ];
}

const runs: readonly { name: string; args: readonly string[]; assertions: readonly string[] }[] = [
  { name: "as it is", args: [], assertions: good },
  { name: "details", args: ["--deny-body=details"], assertions: good },
  {
    name: "compat",
    args: ["--compat=kyverno-envoy-plugin", "--admin-address=127.0.0.1:0"],
    assertions: [...good, ...faulty],
  },
  {
    name: "compat in a worker, messages",
    args: [
      "--compat=kyverno-envoy-plugin",
      "--deny-body=messages",
      "--dispatch=pool",
      "--workers=1",
    ],
    assertions: [...good, ...faulty],
  },
];

suite("a client that is denied learns no secret of the policies, at either door", () => {
  for (const { name, args, assertions } of runs) {
    test(name, async (t) => {
      const server = await startOstiary([
        `--policy=${folderOf(assertions)}`,
        "--http-address=127.0.0.1:0",
        "--http-form=direct",
        "--log-level=debug",
        ...args,
      ]);
      t.after(() => server.stop());
      const told = (await Promise.all(headersOf.map((headers) => ask(server, headers)))).flat();
      for (const text of told) assert.ok(!text.includes(secret), text);
      assert.equal(
        told.some((text) => text.includes("Expected value: ***")),
        /details|compat$/.test(name),
      );
      assert.equal(
        told.some((text) => text.includes(`"${path}"`)),
        /details|compat$/.test(name),
      );

      const admin = `http://127.0.0.1:${doorPort(server, "admin")}`;
      for (const page of ["/policies", "/metrics", "/readyz?verbose"]) {
        const text = await (await fetch(admin + page)).text();
        assert.ok(!text.includes(secret), page);
      }
      assert.ok(!server.output().includes(secret), server.output());
    });
  }
});
