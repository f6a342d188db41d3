import { measureRate, ratesOf } from "./grpc-runs.ts";
import type { RunContext } from "./run-context.ts";
import type { RunRow } from "./run-row.ts";
import type { ServerUnderTest } from "./server-under-test.ts";

/**
 * Returns the rows of a scenario's open loops, each against a server that has just said that it is ready. Nothing is left out
 * of these: what a server still has to warm up shows. The client warms up on another server before, for its own first
 * seconds must not.
 *
 * @param start starts a server
 */
export async function* runJustReady(
  context: Omit<RunContext, "server">,
  start: () => Promise<ServerUnderTest>,
): AsyncGenerator<RunRow, void, void> {
  const { options } = context;
  for (const rate of ratesOf(context)) {
    const spare = await start();
    try {
      await measureRate({ ...context, server: spare, progress: () => {} }, rate);
    } finally {
      await spare.stop();
    }
    const server = await start();
    try {
      const row = await measureRate(
        { ...context, server, options: { ...options, warmupMs: 0 } },
        rate,
      );
      yield { ...row, load: `${row.load}, just ready` };
    } finally {
      await server.stop();
    }
  }
}
