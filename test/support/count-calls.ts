import { Session } from "node:inspector";

/** Counts of calls: of the function with the name, in the file whose path ends so. */
export type CallCounts = (fileEnd: string, functionName: string) => number;

/** Runs the function, and returns how often each function was called meanwhile, as V8 counts it. */
export function countCalls(run: () => void): CallCounts {
  const session = new Session();
  session.connect();
  try {
    session.post("Profiler.enable");
    session.post("Profiler.startPreciseCoverage", { callCount: true, detailed: false });
    run();
    let counts: CallCounts | undefined;
    session.post("Profiler.takePreciseCoverage", (error, coverage) => {
      if (error !== null) throw error;
      counts = (fileEnd, functionName) =>
        coverage.result
          .filter(({ url }) => url.endsWith(fileEnd))
          .flatMap(({ functions }) => functions)
          .filter((called) => called.functionName === functionName)
          .reduce((sum, { ranges }) => sum + (ranges[0]?.count ?? 0), 0);
    });
    if (counts === undefined) throw new Error("the calls were not counted");
    return counts;
  } finally {
    session.post("Profiler.stopPreciseCoverage");
    session.disconnect();
  }
}
