import autocannon, { type Request } from "autocannon";
import {
  type CheckSpec,
  callDigits,
  clientHeaders,
  pathOf,
} from "../../src/grpc-client/check-spec.ts";
import { createLatencyHistogram } from "../../src/loadgen/latency-histogram.ts";
import type { LoadResult } from "../../src/loadgen/load-tally.ts";
import { createCpuMeter } from "./process-figures.ts";
import { inFlightOf, type RunContext } from "./run-context.ts";
import { buildRunRow, type RunRow } from "./run-row.ts";

const ALLOWED = 200;
const DENIED = 403;

/**
 * Returns the row of a scenario over the HTTP door: a closed loop by autocannon, with a connection for each call that the gRPC
 * loop has in flight, since HTTP/1.1 has one at a time.
 */
export async function runHttpLoad(context: RunContext): Promise<readonly RunRow[]> {
  const { server, options, input, scenario, side, progress } = context;
  if (server.httpUrl === undefined) return [];
  const connections = options.connections * inFlightOf(context);
  const load = `closed ${connections}x1`;
  progress(`http ${load}`);
  const meter = createCpuMeter(server.pid);
  const tally = createHttpTally();
  const run = autocannon({
    url: server.httpUrl,
    connections,
    duration: (options.warmupMs + options.durationMs) / 1000 + 1,
    timeout: Math.ceil(options.timeoutMs / 1000),
    requests: input.requests.map((spec) => ({
      method: spec.method,
      path: spec.path,
      headers: httpHeaders(spec),
      body: spec.body,
      ...(spec.path.includes(callDigits) ? { setupRequest: withOwnPath(spec) } : {}),
      onResponse: (status) => {
        tally.answer(spec, status);
      },
    })),
  });
  run.on("response", (_client, status, _bytes, milliseconds) => {
    tally.time(status, milliseconds);
  });
  run.on("reqError", (error) => {
    tally.fail(error.message);
  });
  await sleep(options.warmupMs);
  tally.start();
  meter.begin();
  await sleep(options.durationMs);
  meter.end();
  const result = tally.result(meter.cost().wallSeconds);
  run.stop();
  await run;
  return [buildRunRow({ scenario: scenario.name, side, door: "http", load }, result, meter.cost())];
}

/** What autocannon has to send: it adds the length of the body by itself. */
function httpHeaders(spec: CheckSpec): Record<string, string> {
  const { "content-length": _, ...headers } = clientHeaders(spec);
  return headers;
}

/** Gives each call a path that no other has had. */
function withOwnPath(spec: CheckSpec): (request: Request) => Request {
  let calls = 0;
  return (request) => {
    calls++;
    return { ...request, path: pathOf(spec, String(calls).padStart(10, "0")) };
  };
}

/** Counts answers from its start to its result; autocannon tells the verdict and the time of an answer apart. */
interface HttpTally {
  start(): void;
  answer(spec: CheckSpec, status: number): void;
  time(status: number, milliseconds: number): void;
  fail(reason: string): void;
  result(seconds: number): LoadResult;
}

function createHttpTally(): HttpTally {
  const latencies = createLatencyHistogram();
  const errors: Record<string, number> = {};
  let wrongVerdicts = 0;
  let measuring = false;
  const fail = (reason: string): void => {
    if (measuring) errors[reason] = (errors[reason] ?? 0) + 1;
  };
  return {
    start: () => {
      measuring = true;
    },
    answer: (spec, status) => {
      if (status !== ALLOWED && status !== DENIED) fail(`http ${status}`);
      else if (measuring && (status === ALLOWED) !== spec.allowed) wrongVerdicts++;
    },
    time: (status, milliseconds) => {
      if (measuring && (status === ALLOWED || status === DENIED)) latencies.record(milliseconds);
    },
    fail,
    result: (seconds) => {
      measuring = false;
      return {
        answered: latencies.count - wrongVerdicts,
        seconds,
        latencyMs: latencies.summary(),
        wrongVerdicts,
        errors,
      };
    },
  };
}

async function sleep(milliseconds: number): Promise<void> {
  await new Promise((resolve) => setTimeout(resolve, milliseconds));
}
