import assert from "node:assert/strict";
import { EventEmitter } from "node:events";
import { mkdtempSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { test } from "node:test";
import { readConfig } from "../../src/config/read-config.ts";
import { ExpectedPatterns } from "../../src/kyverno-json/rules/expected-patterns.ts";
import type { ProcessSignals } from "../../src/service/process-signals.ts";
import { runServer } from "../../src/service/run-server.ts";
import { ownProcess } from "../../src/service/server-process.ts";
import type { LineWriter } from "../../src/telemetry/line-writer.ts";

/** A writer that can be waited for. */
function createWriter(): LineWriter & { readonly until: (wanted: RegExp) => Promise<string> } {
  let text = "";
  const waiting = new Set<() => void>();
  return {
    write: (line) => {
      text += line;
      for (const look of waiting) look();
    },
    dropped: () => 0,
    flush: () => Promise.resolve(),
    until: async (wanted) =>
      await new Promise((resolve) => {
        const look = (): void => {
          const [found] = wanted.exec(text) ?? [];
          if (found !== undefined) resolve(found);
        };
        waiting.add(look);
        look();
      }),
  };
}

/** Signals that the test sends. */
function createSignals(): ProcessSignals & {
  readonly end: () => void;
  readonly reload: () => void;
} {
  const sent = new EventEmitter();
  return {
    onEnd: (listener) => void sent.once("end", listener),
    onReload: (listener) => void sent.on("reload", listener),
    onConfirm() {},
    onMistaken() {},
    end: () => void sent.emit("end", "SIGTERM"),
    reload: () => void sent.emit("reload"),
  };
}

const policy = (method: string): string => `
apiVersion: json.kyverno.io/v1alpha1
kind: ValidatingPolicy
metadata: { name: a }
spec: { rules: [{ name: r, assert: { all: [{ check: { request: { http: { method: ${method} } } } }] } }] }
`;

test("a fault of ours while policies are compiled is reported, and those in service go on serving", async (t) => {
  const file = join(mkdtempSync(join(tmpdir(), "ostiary-fault-")), "a.yaml");
  writeFileSync(file, policy("GET"));
  const addresses = ["--address=127.0.0.1:0", "--admin-address=127.0.0.1:0"];
  const args = [`--policy=${file}`, "--dispatch=inline", "--reload-interval-ms=0", ...addresses];
  const [output, errorOutput] = [createWriter(), createWriter()];
  const signals = createSignals();
  const config = readConfig({ args, env: {} });
  const { clock, exit } = ownProcess;
  const warnings = { onWarning() {} };
  const code = runServer(config, { signals, warnings, output, errorOutput, clock, exit });
  const listening = await output.until(/admin on 127\.0\.0\.1:\d+/);
  await output.until(/ready/);
  const admin = `http://${listening.replace("admin on ", "")}`;
  const read = async (path: string): Promise<string> => await (await fetch(admin + path)).text();
  const before = await read("/readyz");
  const planted = t.mock.method(ExpectedPatterns.prototype, "prepareSteps", () => {
    throw new TypeError("planted");
  });
  writeFileSync(file, policy("POST"));
  signals.reload();
  assert.match(
    await errorOutput.until(/.*a fault of our own.*[^]*?policies not loaded.*/),
    /where=load.*TypeError: planted[^]*policies not loaded.*planted/,
  );
  assert.ok(planted.mock.callCount() > 0);
  assert.match(await read("/metrics"), /^ostiary_internal_faults_total\{where="load"\} 1$/m);
  assert.equal(await read("/readyz"), before);
  planted.mock.restore();
  signals.end();
  assert.equal(await code, 0);
});
