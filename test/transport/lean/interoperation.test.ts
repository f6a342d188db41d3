import assert from "node:assert/strict";
import { execFile } from "node:child_process";
import { mkdtemp, readFile, rm, writeFile } from "node:fs/promises";
import { connect } from "node:http2";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { after, before, suite, type TestContext, test } from "node:test";
import { promisify } from "node:util";
import { findCommand, requireTool } from "../../support/find-command.ts";
import { findGhz } from "../../support/find-go-tool.ts";
import { type GrpcChild, startGrpcChild } from "../../support/grpc-child.ts";
import { grpcMessage } from "../../support/h2-wire.ts";
import { createRawGrpcClient } from "../../support/raw-grpc-client.ts";
import { adapters } from "../../support/transports.ts";

const run = promisify(execFile);

const nghttp = requireTool(findCommand("nghttp", "nghttp2-client"));
const h2load = requireTool(findCommand("h2load", "nghttp2-client"));
const curl = requireTool(findCommand("curl", "curl"));
const ghz = requireTool(await findGhz());

const largeBytes = 1_000_000;
/** Over one connection. */
const largeAtOnce = 24;
const largeRequest = Buffer.from(String(largeBytes));
const largeAnswer = Buffer.from(Array.from({ length: largeBytes }, (_, i) => i % 251));

/** Bodies with gRPC's prefix, in files, for clients that know nothing of gRPC. */
async function writeBodies(
  t: TestContext,
): Promise<{ folder: string; small: string; large: string }> {
  const folder = await mkdtemp(join(tmpdir(), "ostiary-interop-"));
  t.after(async () => {
    await rm(folder, { recursive: true });
  });
  const [small, large] = [join(folder, "small"), join(folder, "large")];
  await writeFile(small, grpcMessage(Buffer.from("hello")));
  await writeFile(large, grpcMessage(largeRequest));
  return { folder, small, large };
}

/** Arguments, none of which has a space in it. */
function words(text: string): readonly string[] {
  return text.split(" ");
}

const grpcHeaders = ["content-type: application/grpc", "te: trailers"];
const headerArguments = grpcHeaders.flatMap((header) => ["-H", header]);

for (const { name } of adapters) {
  suite(`the ${name} transport answers`, { concurrency: false }, () => {
    let child: GrpcChild;
    before(async () => {
      child = await startGrpcChild(name);
    });
    after(async () => {
      assert.ok(child.alive(), child.server.output());
      await child.server.stop();
    });
    const url = (method: string): string => `http://127.0.0.1:${child.port}/test.Service/${method}`;

    test("@grpc/grpc-js, 500 calls at once", async (t) => {
      const client = createRawGrpcClient(`127.0.0.1:${child.port}`);
      t.after(() => {
        client.close();
      });
      const messages = Array.from({ length: 500 }, (_, i) => Buffer.alloc(i * 20, i));
      const answers = await Promise.all(
        messages.map(async (message) => await client.call("/test.Service/Echo", message)),
      );
      for (const [i, answer] of answers.entries()) {
        assert.deepEqual(answer, { code: 0, details: "", message: messages[i] });
      }
    });

    test(`@grpc/grpc-js, ${largeAtOnce} large responses at once`, async (t) => {
      const client = createRawGrpcClient(`127.0.0.1:${child.port}`);
      t.after(() => {
        client.close();
      });
      const answers = await Promise.all(
        Array.from(
          { length: largeAtOnce },
          async () => await client.call("/test.Service/Large", largeRequest),
        ),
      );
      for (const answer of answers) assert.ok(answer.message?.equals(largeAnswer));
    });

    for (const windowBytes of [1_000, 65_535, 1_000_000]) {
      test(`Node's http2, 100 calls and ${largeAtOnce} large ones at once with a window of ${windowBytes}`, async (t) => {
        const session = connect(`http://127.0.0.1:${child.port}`, {
          settings: { initialWindowSize: windowBytes },
        });
        t.after(() => {
          session.destroy();
        });
        const call = async (method: string, message: Buffer): Promise<[Buffer, unknown]> =>
          await new Promise((resolve, reject) => {
            const stream = session.request({
              ":method": "POST",
              ":path": `/test.Service/${method}`,
              "content-type": "application/grpc",
              te: "trailers",
            });
            const chunks: Buffer[] = [];
            let status: unknown;
            stream.on("data", (chunk: Buffer) => chunks.push(chunk));
            stream.on("trailers", (trailers) => {
              status = trailers["grpc-status"];
            });
            stream.on("error", reject);
            stream.on("end", () => {
              resolve([Buffer.concat(chunks), status]);
            });
            stream.end(grpcMessage(message));
          });
        const small = Array.from({ length: 100 }, async (_, i) => {
          const [body, status] = await call("Echo", Buffer.from(`call ${i}`));
          assert.deepEqual(body, grpcMessage(Buffer.from(`call ${i}`)));
          assert.equal(status, "0");
        });
        const large = Array.from({ length: largeAtOnce }, async () => {
          const [body, status] = await call("Large", largeRequest);
          assert.ok(body.equals(grpcMessage(largeAnswer)));
          assert.equal(status, "0");
        });
        await Promise.all([...small, ...large]);
      });
    }

    test(`nghttp, ${largeAtOnce} large responses at once`, { skip: nghttp.skip }, async (t) => {
      const { large } = await writeBodies(t);
      const { stdout } = await run(
        nghttp.path,
        ["-m", String(largeAtOnce), "-d", large, ...headerArguments, url("Large")],
        { encoding: "buffer", maxBuffer: 100_000_000 },
      );
      // It mixes the bodies as they come: every byte of all of them is there.
      assert.equal(stdout.length, largeAtOnce * (largeBytes + 5));
    });

    test("nghttp with padding, small windows and a trailer of its own", {
      skip: nghttp.skip,
    }, async (t) => {
      const { large } = await writeBodies(t);
      const { stdout } = await run(
        nghttp.path,
        [
          "-b",
          "30",
          "-w",
          "10",
          "-W",
          "12",
          "--trailer",
          "x-end: yes",
          "-d",
          large,
          ...headerArguments,
          url("Large"),
        ],
        { encoding: "buffer", maxBuffer: 100_000_000 },
      );
      assert.ok(stdout.equals(grpcMessage(largeAnswer)));
    });

    for (const [method, requests] of [
      ["Echo", 10_000],
      ["Large", 400],
    ] as const) {
      test(`h2load, ${requests} calls of ${method} over 8 connections`, {
        skip: h2load.skip,
      }, async (t) => {
        const bodies = await writeBodies(t);
        const body = method === "Echo" ? bodies.small : bodies.large;
        const { stdout } = await run(h2load.path, [
          ...words(`-n ${requests} -c 8 -m 24 -d ${body}`),
          ...headerArguments,
          url(method),
        ]);
        t.diagnostic(/^finished in.*$/m.exec(stdout)?.[0] ?? "");
        const bytes = requests * (5 + (method === "Echo" ? 5 : largeBytes));
        assert.match(stdout, new RegExp(`${requests} succeeded, 0 failed, 0 errored, 0 timeout`));
        assert.match(stdout, new RegExp(`\\(${bytes}\\) data`));
      });
    }

    test("curl, 30 large responses over as many connections", { skip: curl.skip }, async (t) => {
      const { folder, large } = await writeBodies(t);
      const targets = Array.from({ length: 30 }, (_, i) => [
        url("Large"),
        "--output",
        join(folder, `answer-${i}`),
      ]);
      const { stdout } = await run(curl.path, [
        ...words(`--silent --show-error --fail --http2-prior-knowledge`),
        // Not over one connection: curl 7.88 cannot share one that it has not seen an answer on.
        ...words(`--parallel --parallel-max 30 --parallel-immediate`),
        ...words(`--noproxy * --write-out %{http_version}/%{http_code}\\n`),
        ...words(`--data-binary @${large}`),
        ...headerArguments,
        ...targets.flat(),
      ]);
      assert.deepEqual(new Set(stdout.trim().split("\n")), new Set(["2/200"]));
      for (let i = 0; i < 30; i++) {
        const answer = await readFile(join(folder, `answer-${i}`));
        assert.ok(answer.equals(grpcMessage(largeAnswer)), `answer ${i}`);
      }
    });

    test("ghz, a client in Go, 24 large responses at once over each of 4 connections", {
      skip: ghz.skip,
    }, async (t) => {
      const { stdout } = await run(ghz.path, [
        ...words(`--insecure --import-paths proto`),
        ...words(`--proto proto/envoy/service/auth/v3/external_auth.proto`),
        ...words(`--call envoy.service.auth.v3.Authorization/Check --data {}`),
        ...words(`--total 400 --concurrency 96 --connections 4 --format json`),
        `127.0.0.1:${child.port}`,
      ]);
      const report: { readonly rps: number; readonly statusCodeDistribution: object } =
        JSON.parse(stdout);
      t.diagnostic(`${Math.round(report.rps)} calls a second`);
      assert.deepEqual(report.statusCodeDistribution, { OK: 400 });
    });
  });
}
