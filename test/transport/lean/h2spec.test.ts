import assert from "node:assert/strict";
import { execFile } from "node:child_process";
import { suite, type TestContext, test } from "node:test";
import { doorPort, startOstiary } from "../../support/child-server.ts";
import { requireTool } from "../../support/find-command.ts";
import { findH2spec } from "../../support/find-go-tool.ts";
import { readCounters, startGrpcChild } from "../../support/grpc-child.ts";

const h2spec = requireTool(await findH2spec());

interface Summary {
  readonly tests: number;
  readonly passed: number;
  readonly skipped: number;
  readonly failed: number;
}

/** Runs every section, the strict cases too, and prints the line that h2spec ends with. */
async function runH2spec(
  t: TestContext,
  port: number,
): Promise<{ summary: Summary; output: string }> {
  const output = await new Promise<string>((resolve) => {
    // It ends with code 1 where a case failed, and the summary says that better.
    execFile(
      h2spec.path,
      ["--strict", "--port", String(port), "--timeout", "1"],
      (_error, stdout) => {
        resolve(stdout);
      },
    );
  });
  const line = /^(\d+) tests, (\d+) passed, (\d+) skipped, (\d+) failed$/m.exec(output);
  assert.ok(line !== null, output);
  t.diagnostic(`h2spec --strict: ${line[0]}`);
  const [tests = 0, passed = 0, skipped = 0, failed = 0] = line.slice(1).map(Number);
  return { summary: { tests, passed, skipped, failed }, output };
}

suite("h2spec --strict", { skip: h2spec.skip }, () => {
  test("every case passes where the transport answers with a body, and none is skipped", async (t) => {
    const child = await startGrpcChild("lean");
    t.after(async () => {
      await child.server.stop();
    });
    const { summary, output } = await runH2spec(t, child.port);
    assert.deepEqual(summary, { tests: 146, passed: 146, skipped: 0, failed: 0 }, output);
    assert.equal((await readCounters(child)).internalFaults, 0);
  });

  test("no case fails against the server itself", async (t) => {
    const ostiary = await startOstiary(["--policy=policies/book.yaml", "--transport=lean"]);
    t.after(async () => {
      await ostiary.stop();
    });
    const { summary, output } = await runH2spec(t, doorPort(ostiary, "grpc"));
    assert.equal(summary.tests, 146);
    assert.equal(summary.failed, 0, output);
    assert.ok(summary.passed >= 140, output);
  });
});
