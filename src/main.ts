#!/usr/bin/env node
/** The program: heeds signals from its first moment on, then runs a command. */
import { setFlagsFromString } from "node:v8";
import { catchSignals } from "./service/process-signals.ts";
import { holdWarnings } from "./service/process-warnings.ts";
import { createLineWriter } from "./telemetry/line-writer.ts";

// While it warms up, V8 finds that much survives a still small young generation, and from then on puts such objects
// straight into the old one: half the answers a CPU-second, twice the memory, and long pauses. Workers heed it too.
setFlagsFromString("--no-allocation-site-pretenuring");

const signals = catchSignals();
const warnings = holdWarnings();
const output = createLineWriter(process.stdout);
const errorOutput = createLineWriter(process.stderr);

// Loaded only now: it takes several times as long as all that is above, and a signal must not be lost meanwhile.
const { runCommand } = await import("./cli/run-command.ts");

process.exitCode = await runCommand(process.argv.slice(2), {
  env: process.env,
  print: (line) => output.write(`${line}\n`),
  printError: (line) => errorOutput.write(`${line}\n`),
  serve: async (config, whenReady) => {
    const { runServer } = await import("./service/run-server.ts");
    const code = await runServer(config, { signals, warnings, output, errorOutput }, whenReady);
    await Promise.all([output.flush(), errorOutput.flush()]);
    // Whatever is still open, a line that nobody reads or a worker that is starting: it has been told to end.
    process.exit(code);
  },
});

warnings.onWarning(({ name, message }) => errorOutput.write(`${name}: ${message}\n`));
