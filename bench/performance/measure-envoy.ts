import type { CheckConnection } from "../../src/grpc-client/check-connection.ts";
import type { CheckSpec } from "../../src/grpc-client/check-spec.ts";
import { runClosedLoop } from "../../src/loadgen/closed-loop.ts";
import type { LoadOptions } from "../../src/loadgen/load-options.ts";
import { runOpenLoop } from "../../src/loadgen/open-loop.ts";
import { findEnvoy } from "../../test/support/find-envoy.ts";
import { startEnvoy } from "../../test/support/start-envoy.ts";
import { type Cells, formatNumber } from "../load/format-table.ts";
import { pinRunning } from "../load/pin-process.ts";
import { createCpuMeter } from "../load/process-figures.ts";
import type { RunContext } from "../load/run-context.ts";
import { buildRunRow, type RunRow } from "../load/run-row.ts";
import { differenceCell, latencyCell, openRun } from "./cells.ts";
import { createHttpWorkload, openHttpConnection } from "./http-connection.ts";
import type { MeasureSession } from "./measure-session.ts";

const rates = [500, 1_000];
const ROUNDS = 5;
/** So many that none has a request in flight when it gets the next: HTTP/1.1 answers them one after the other. */
const CONNECTIONS = 32;
const PROOF_MS = 500;

/** The two routes of one listener, told apart by the host alone. */
const routes = [
  { name: "without", host: "open.example.com" },
  { name: "with", host: "guarded.example.com" },
] as const;

/** Resolves with what asking Ostiary adds to the time that Envoy takes, beside the same route without authorization. */
export async function measureEnvoy(session: MeasureSession): Promise<Cells> {
  const heads = ["requests a second", "without authorization", "with", "added p50", "added p99"];
  const envoy = await findEnvoy();
  if ("missing" in envoy) {
    session.fault(`envoy: ${envoy.missing}`);
    return [heads, ["not measured: there is no Envoy", "", "", "", ""]];
  }
  const runs = await session.serve(["--workers=1"], async (context) => {
    const ostiary = Number(context.server.target.split(":").at(-1));
    // Nobody listens there: Envoy answers by itself.
    const running = await startEnvoy(envoy.path, { ostiary, application: 1 }, addOpenRoute);
    try {
      // Not on the client's core, whose own spinning would be most of what is measured.
      const { cpus } = context.options;
      const { pid } = running.server.process;
      if (cpus !== undefined && pid !== undefined) pinRunning(pid, cpus.server);
      return session.keep("envoy", await measureRounds(context, new URL(running.url)));
    } finally {
      await running.stop();
    }
  });
  const rows = rates.map((rate) => {
    const [without, guarded] = routes.map(({ name }) =>
      openRun(
        runs.filter(({ scenario }) => scenario === name),
        rate,
      ),
    );
    return [
      formatNumber(rate),
      latencyCell(without),
      latencyCell(guarded),
      differenceCell(without, guarded, "p50Ms"),
      differenceCell(without, guarded, "p99Ms"),
    ];
  });
  return [heads, ...rows];
}

/**
 * Returns the configuration of an Envoy that answers by itself what it lets pass, with one more host, the same but for the
 * authorization, which it has not.
 *
 * @throws Error when the configuration is not the one this was made for
 */
export function addOpenRoute(config: string): string {
  const hosts = "                  virtual_hosts:\n";
  const upstream = "route: { cluster: application }";
  if (!config.includes(hosts) || !config.includes(upstream)) {
    throw new Error("examples/envoy/envoy.yaml has no `virtual_hosts` or no route as before");
  }
  const answer = "direct_response: { status: 200, body: { inline_string: reached } }";
  const open = `
                    - name: open
                      domains: ["${routes[0].host}"]
                      routes:
                        - match: { prefix: / }
                          ${answer}
                          typed_per_filter_config:
                            envoy.filters.http.ext_authz:
                              "@type": type.googleapis.com/envoy.extensions.filters.http.ext_authz.v3.ExtAuthzPerRoute
                              disabled: true
`;
  return config.replace(upstream, answer).replace(hosts, `${hosts}${open.slice(1)}`);
}

async function measureRounds(context: RunContext, url: URL): Promise<readonly RunRow[][]> {
  const { input, options, progress } = context;
  const connections = await Promise.all(
    Array.from({ length: CONNECTIONS }, async () => {
      return await openHttpConnection(url.hostname, Number(url.port));
    }),
  );
  try {
    const rounds = [await proveRoutes(connections, input.requests)];
    for (let round = 1; round <= ROUNDS; round++) {
      const rows: RunRow[] = [];
      for (const rate of rates) {
        // Whoever comes second has the warmer caches.
        for (const { name, host } of round % 2 === 1 ? routes : routes.toReversed()) {
          progress(`round ${round} of ${ROUNDS}, ${name}, ${formatNumber(rate)}/s`);
          // What is measured on both has to end in the same answer.
          const requests = input.requests.filter(({ allowed }) => allowed);
          const workload = createHttpWorkload(requests, host);
          const { warmupMs, durationMs } = options;
          const load = { connections, workload, warmupMs, durationMs };
          rows.push(await measureLoad(name, load, rate));
        }
      }
      rounds.push(rows);
    }
    return rounds;
  } finally {
    for (const connection of connections) connection.close();
  }
}

/** All requests on both routes: the one denies what the policy denies, the other asks nobody. Warms both up, too. */
async function proveRoutes(
  connections: readonly CheckConnection[],
  requests: readonly CheckSpec[],
): Promise<RunRow[]> {
  const rows: RunRow[] = [];
  for (const { name, host } of routes) {
    const asked = requests.map((spec) => ({
      ...spec,
      allowed: spec.allowed || name === "without",
    }));
    const workload = createHttpWorkload(asked, host);
    rows.push(
      await measureLoad(name, { connections, workload, warmupMs: 0, durationMs: PROOF_MS }),
    );
  }
  return rows;
}

/** A run on one of the routes: a closed loop unless there is a rate. */
async function measureLoad(name: string, load: LoadOptions, rate?: number): Promise<RunRow> {
  const meter = createCpuMeter(undefined);
  const metered = { ...load, onBegin: meter.begin, onEnd: meter.end };
  const result =
    rate === undefined
      ? await runClosedLoop({ ...metered, inFlight: 1 })
      : await runOpenLoop({ ...metered, ratePerSecond: rate });
  const loadName = rate === undefined ? `closed ${CONNECTIONS}x1` : `open ${formatNumber(rate)}/s`;
  const names = { scenario: name, side: undefined, door: "http", load: loadName } as const;
  return { ...buildRunRow(names, result, meter.cost()), ratePerSecond: rate };
}
