import { openCheckConnection } from "../grpc-client/check-connection.ts";
import { createWorkload } from "../loadgen/workload.ts";
import type { Transport } from "../transport/grpc-transport.ts";

/** How many requests it takes at most, so many at a time. */
const warmUpLimits = { calls: 4_000, inFlight: 16, timeoutMs: 1_000 };

/**
 * Resolves when requests have gone the whole way often enough for V8 to have compiled it: without that the first
 * seconds of real load are answered ten times slower.
 *
 * @param transport one of its own, on which nobody else calls; it is closed at the end
 * @param durationMs how long it may take
 */
export async function warmUp(transport: Transport, durationMs: number): Promise<void> {
  const target = await transport.listen("127.0.0.1:0");
  const connection = await openCheckConnection({ target, timeoutMs: warmUpLimits.timeoutMs });
  const endMs = performance.now() + durationMs;
  let callsLeft = warmUpLimits.calls;
  const callInTurn = async (): Promise<void> => {
    while (callsLeft > 0 && performance.now() < endMs) {
      callsLeft--;
      await new Promise<void>((resolve) => {
        connection.call(workload.next(), () => {
          resolve();
        });
      });
    }
  };
  await Promise.all(Array.from({ length: warmUpLimits.inFlight }, callInTurn));
  connection.close();
  await transport.close(0);
}

/** What real requests look like, with a token that nobody signed. */
const workload = createWorkload(
  ["GET", "POST"].map((method) => ({
    method,
    path: "/warm-up",
    headers: {
      authorization:
        "Bearer eyJhbGciOiJIUzI1NiIsInR5cCI6IkpXVCJ9.eyJzdWIiOiJ3YXJtLXVwIn0.bm9ib2R5LXNpZ25lZC10aGlz",
    },
    allowed: false,
  })),
);
