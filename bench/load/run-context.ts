import type { Scenario, ScenarioInput } from "../scenarios/scenario.ts";
import type { BenchOptions, SideName } from "./options.ts";
import type { ServerUnderTest } from "./server-under-test.ts";

/** The things that the runs of one scenario against one server share. */
export interface RunContext {
  readonly scenario: Scenario;
  readonly input: ScenarioInput;
  /** Which one of two servers this is, when two are compared. */
  readonly side: SideName | undefined;
  readonly server: ServerUnderTest;
  readonly options: BenchOptions;
  readonly progress: (line: string) => void;
}

const USUAL_IN_FLIGHT = 16;

/** Returns how many calls a closed loop keeps open on each connection. */
export function inFlightOf({ options, scenario }: RunContext): number {
  return options.inFlight ?? scenario.inFlight ?? USUAL_IN_FLIGHT;
}
