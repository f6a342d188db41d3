import { createHmac } from "node:crypto";
import type { CheckInput } from "../model/check-input.ts";
import { noDeadline } from "../model/deadline.ts";
import { type BatchMessage, packBatch } from "./protocol.ts";

/** More than V8 needs to compile what is run most, and no longer than a start may take. */
const warmUpLimits = { rounds: 100, durationMs: 30 };

const inputs: readonly CheckInput[] = ["GET", "POST"].map((method) => ({
  payload: {
    source: { address: { socketAddress: { address: "192.0.2.1", portValue: 40_000 } } },
    request: {
      time: "2026-01-01T00:00:00Z",
      http: {
        method,
        path: "/warm-up?a=b",
        host: "warm-up.example",
        scheme: "https",
        protocol: "HTTP/1.1",
        headers: { ":authority": "warm-up.example", accept: "*/*", "user-agent": "warm-up/1" },
        body: '{"a":1}',
      },
    },
  },
  sizeBytes: 1_000,
}));

/**
 * Has requests judged that nobody sent, so that the first real ones do not pay for what V8 does when code runs for the
 * first time. No token is among them: the caches stay as they are.
 *
 * @param evaluateBatch what answers a batch; it never throws
 */
export function warmUp(evaluateBatch: (message: BatchMessage) => unknown): void {
  const endMs = performance.now() + warmUpLimits.durationMs;
  const batch = inputs.map((input) => ({ input, deadline: noDeadline }));
  for (let round = 0; round < warmUpLimits.rounds && performance.now() < endMs; round++) {
    createHmac("sha256", "warm-up").update(String(round)).digest();
    evaluateBatch(packBatch(batch));
  }
}
