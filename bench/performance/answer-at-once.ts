/** A server without policies, for measuring what is around them: the lean transport, and the check door if it is asked to. */
import { readFileSync } from "node:fs";
import { buildAllowResponse } from "../../src/envoy/build-check-response.ts";
import { createEvaluator } from "../../src/evaluator/evaluator.ts";
import type { Decision } from "../../src/model/decision.ts";
import { defaultPolicyOptions } from "../../src/model/limits.ts";
import { type PayloadReads, readsEverything } from "../../src/model/payload-reads.ts";
import { defaultNormalizeOptions } from "../../src/payload/normalize-options.ts";
import { createCheckHandlers } from "../../src/server/grpc/check-service.ts";
import { createMetrics } from "../../src/telemetry/metrics.ts";
import type { UnaryHandler } from "../../src/transport/grpc-transport.ts";
import { createLeanTransport } from "../../src/transport/lean-transport.ts";

const CHECK_PATH = "/envoy.service.auth.v3.Authorization/Check";

/** Handlers by `--answer=NAME`; the benchmark's other arguments are the real server's, and nothing here. */
const handlers: Readonly<Record<string, () => ReadonlyMap<string, UnaryHandler>>> = {
  "without-reading": () =>
    new Map([
      [
        CHECK_PATH,
        (_call, reply) => {
          reply({ message: buildAllowResponse() });
        },
      ],
    ]),
  "after-what-the-seed-reads": () => readAndAllow(seedReads()),
  "after-everything": () => readAndAllow(readsEverything),
};

const name = process.argv
  .find((argument) => argument.startsWith("--answer="))
  ?.slice("--answer=".length);
const createHandlers = handlers[name ?? ""];
if (createHandlers === undefined) throw new Error(`no answer \`${name}\``);
const transport = createLeanTransport({ handlers: createHandlers(), maxMessageBytes: 4_194_304 });
const address = await transport.listen("127.0.0.1:0");
process.stdout.write(`listening: grpc on ${address}\nready\n`);

/** The check door as it is, in front of nothing that decides. */
function readAndAllow(reads: PayloadReads): ReadonlyMap<string, UnaryHandler> {
  const decision: Decision = { allowed: true, reason: "passed", body: "" };
  const serving = {
    revision: "r",
    reads: () => reads,
    dropOverdue: () => {},
    dispatch: (_input: unknown, _deadline: unknown, done: (outcome: Decision) => void) => {
      done(decision);
    },
  };
  return createCheckHandlers({
    dispatcher: { serving: () => serving },
    observer: createMetrics(),
    defaultDeadlineMs: 1_000,
    deadlineMarginMs: 0,
    shed: "deny",
    showReason: true,
    onFault: () => {},
    normalize: defaultNormalizeOptions,
    denyContentType: true,
    isReady: () => true,
  });
}

function seedReads(): PayloadReads {
  const text = readFileSync(new URL("../../policies/book.yaml", import.meta.url), "utf8");
  const snapshot = { revision: "seed", files: [{ path: "book.yaml", text }] };
  const { evaluator } = createEvaluator(snapshot, defaultPolicyOptions);
  if (evaluator === undefined) throw new Error("the seed's policy does not load");
  return evaluator.reads;
}
