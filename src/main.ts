#!/usr/bin/env node
/** The program: runs a command. */
import { setFlagsFromString } from "node:v8";
import { ownProcess, takeProcess } from "./service/server-process.ts";

// While it warms up, V8 finds that much survives a still small young generation, and from then on puts such objects
// straight into the old one: half the answers a CPU-second, twice the memory, and long pauses. Workers heed it too.
setFlagsFromString("--no-allocation-site-pretenuring");

const own = takeProcess(ownProcess);

// Loaded only now: it takes several times as long as all that is above, and a signal must not be lost meanwhile.
const { runCommand } = await import("./cli/run-command.ts");
const { createCommandContext } = await import("./cli/command-context.ts");

process.exitCode = await runCommand(process.argv.slice(2), createCommandContext(own, process.env));
own.warnings.onWarning(({ name, message }) => own.errorOutput.write(`${name}: ${message}\n`));
