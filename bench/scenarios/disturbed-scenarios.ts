import { readFile, rename, writeFile } from "node:fs/promises";
import { join } from "node:path";
import { setTimeout } from "node:timers/promises";
import { openCheckConnection } from "../../src/grpc-client/check-connection.ts";
import { waitForOpenCalls } from "../../src/loadgen/load-options.ts";
import { createWorkload } from "../../src/loadgen/workload.ts";
import { sixteenReaders } from "./book-requests.ts";
import type { Disturbance, Scenario } from "./scenario.ts";

const RELOAD_EVERY_MS = 500;
const FLOOD_CALLS = 256;
const rates = [1_000, 5_000];

/** Scenarios in which something goes on beside the load. */
export const disturbedScenarios: readonly Scenario[] = [
  {
    name: "reload",
    summary: "the seed while its policy is written anew, twice a second",
    rates,
    prepare: async (folder) => {
      const file = join(folder, "book.yaml");
      const text = await readFile("policies/book.yaml", "utf8");
      await writeFile(file, text);
      return {
        policyPaths: [file],
        serverArgs: ["--reload-interval-ms=100"],
        requests: sixteenReaders(),
        disturbance: rewriting(file, text),
      };
    },
  },
  {
    name: "noisy-neighbour",
    summary: `the seed while another connection keeps ${FLOOD_CALLS} calls open`,
    rates,
    prepare: async () => ({
      policyPaths: ["policies/book.yaml"],
      requests: sixteenReaders(),
      disturbance: flood,
    }),
  },
];

/** Writes the file with another comment each time, so that it is another revision with the same verdicts. */
function rewriting(file: string, text: string): Disturbance {
  const write = async (revision: number): Promise<void> => {
    await writeFile(`${file}.new`, `${text}# ${revision}\n`);
    await rename(`${file}.new`, file);
  };
  return {
    name: "reloading",
    takesServerTime: true,
    start: async () => {
      const stopping = new AbortController();
      const writeAgain = async (): Promise<void> => {
        for (let revision = 1; !stopping.signal.aborted; revision++) {
          await write(revision);
          await setTimeout(RELOAD_EVERY_MS);
        }
      };
      const writing = writeAgain();
      return async () => {
        stopping.abort();
        await writing;
      };
    },
  };
}

/** One connection whose calls begin again as soon as they end; nobody looks at the answers. */
const flood: Disturbance = {
  name: "flooded",
  takesServerTime: true,
  start: async ({ target, timeoutMs, requests }) => {
    const connection = await openCheckConnection({ target, timeoutMs });
    const workload = createWorkload(requests);
    let open = 0;
    let over = false;
    const startCall = (): void => {
      if (over) return;
      open++;
      connection.call(workload.next(), (status) => {
        open--;
        if (status === "OK") startCall();
        else setImmediate(startCall);
      });
    };
    for (let calls = 0; calls < FLOOD_CALLS; calls++) startCall();
    return async () => {
      over = true;
      await waitForOpenCalls(() => open);
      connection.close();
    };
  },
};
