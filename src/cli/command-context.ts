import type { ServerProcess } from "../service/server-process.ts";
import type { CommandContext } from "./command.ts";

/** Returns what commands work with in a process that has been taken over. */
export function createCommandContext(
  own: ServerProcess,
  env: CommandContext["env"],
): CommandContext {
  const { output, errorOutput } = own;
  return {
    env,
    print: (line) => output.write(`${line}\n`),
    printError: (line) => errorOutput.write(`${line}\n`),
    async serve(config, whenReady) {
      // Loaded only where it is needed: the other commands are done sooner than this would take.
      const { runServer } = await import("../service/run-server.ts");
      const code = await runServer(config, own, whenReady);
      await Promise.all([output.flush(), errorOutput.flush()]);
      // Whatever is still open, a line that nobody reads or a worker that is starting: it has been told to end.
      own.exit(code);
      return code;
    },
  };
}
