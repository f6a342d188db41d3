import assert from "node:assert/strict";
import { mkdtemp, readFile, rm, writeFile } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { suite, type TestContext, test } from "node:test";
import { fromBinary } from "@bufbuild/protobuf";
import { CheckResponseSchema } from "../../src/gen/envoy/service/auth/v3/external_auth_pb.ts";
import { policyText } from "../policy/load-text.ts";
import { encodeCheckRequest } from "../support/check-request-bytes.ts";
import { type ChildServer, doorPort, startOstiary } from "../support/child-server.ts";
import { createRawGrpcClient } from "../support/raw-grpc-client.ts";

/** Small requests that make work large, one for each way: 400 or 2,000 numbers in the path, 8 KiB of a header. */

const nested = (body: string): string => `length(map(&map(&${body}, $l), $l)) > \`0\``;
const header = "$payload.request.http.headers.x";

const expressions: readonly string[] = [
  nested(`starts_with(${header}, base64_decode('/w=='))`),
  nested(`equal_fold(${header}, ${header})`),
  nested(`${header} == concat(${header}, '')`),
  nested(`to_string([${header}])`),
  "length(sort_by($l, &pad_left(@, `1000000`))) > `0`",
  "length(max_by($l, &pad_right(@, `1000000`))) > `0`",
  "length(group_by($l, &pad_left(@, `1000000`))) > `0`",
  "length(map(&pad_left(@, `1000000`), $l)) > `0`",
  "length($l[?pad_left(@, `1000000`) == pad_right(@, `1000000`)]) > `0`",
  `length(sort_by($l, &join(${header}, $l))) > \`0\``,
  `length(map(&regex_match(concat('(é|a{300}){3}', @), ${header}), $l)) > \`0\``,
  `length(map(&replace_all(${header}, 'é', ${header}), $l)) > \`0\``,
];

const numbers = (count: number): string => Array.from({ length: count }, (_, i) => i).join(",");

/** A server with a rule for each of the expressions, which applies to requests with a method of its own. */
async function start(t: TestContext, options: readonly string[]): Promise<ChildServer> {
  const folder = await mkdtemp(join(tmpdir(), "ostiary-budget-"));
  t.after(() => rm(folder, { recursive: true }));
  const rules = expressions.map((expression, i) => ({
    name: `r${i}`,
    match: { all: [{ request: { http: { method: `M${i}` } } }] },
    context: [{ name: "l", variable: "(split(request.http.path, ','))" }],
    assert: { all: [{ check: { [`(${expression})`]: true } }] },
  }));
  const text = policyText("x", ...rules.map((rule) => JSON.stringify(rule)));
  await writeFile(join(folder, "policy.yaml"), text);
  const server = await startOstiary([`--policy=${folder}`, ...options]);
  t.after(() => server.stop());
  return server;
}

async function get(server: ChildServer, path: string): Promise<string> {
  const response = await fetch(`http://127.0.0.1:${doorPort(server, "admin")}${path}`);
  assert.equal(response.status, 200);
  return await response.text();
}

/** How long the admin door took at most, which is asked again and again meanwhile. */
async function watchLiveness(server: ChildServer, isOver: () => boolean): Promise<number> {
  let longestMs = 0;
  while (!isOver()) {
    const begunMs = performance.now();
    await get(server, "/livez");
    longestMs = Math.max(longestMs, performance.now() - begunMs);
  }
  return longestMs;
}

async function peakMegabytes(server: ChildServer): Promise<number> {
  const status = await readFile(`/proc/${server.process.pid}/status`, "utf8");
  return Number(/^VmHWM:\s+(\d+) kB$/m.exec(status)?.[1]) / 1_024;
}

async function isDenied(server: ChildServer, method: string, path: string): Promise<boolean> {
  const client = createRawGrpcClient(`127.0.0.1:${doorPort(server, "grpc")}`);
  const http = { method, path, headers: { x: "é".repeat(4_096) } };
  const message = encodeCheckRequest({ attributes: { request: { http } } });
  const call = "/envoy.service.auth.v3.Authorization/Check";
  const { message: answer, details } = await client.call(call, message, { deadlineMs: 10_000 });
  client.close();
  assert.ok(answer !== undefined, details);
  return fromBinary(CheckResponseSchema, answer).status?.code === 7;
}

suite("small requests that make work large are denied soon, and everything else goes on", () => {
  const modes = [
    { name: "auto", options: ["--dispatch=auto", "--workers=1"], mode: "pool" },
    { name: "inline", options: ["--workers=0"], mode: "inline" },
  ];
  for (const { name, options, mode } of modes) {
    test(name, async (t) => {
      const server = await start(t, options);
      let isOver = false;
      const liveness = watchLiveness(server, () => isOver);
      for (const [i, expression] of expressions.entries()) {
        for (const count of [400, 2_000]) {
          assert.ok(await isDenied(server, `M${i}`, numbers(count)), expression);
        }
      }
      isOver = true;
      const livenessMs = await liveness;
      // As long as the requests themselves may take: an evaluation without a bound would take minutes.
      assert.ok(livenessMs < 10_000, `${livenessMs} ms without an answer`);
      const asked = 2 * expressions.length;
      assert.match(await get(server, "/metrics"), new RegExp(`"${mode}"} ${asked}$`, "m"));
      const peak = await peakMegabytes(server);
      assert.ok(peak < 700, `${peak} MB`);
    });
  }
});
