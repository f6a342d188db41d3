import type { BenchOptions } from "./options.ts";
import { runScenario, type ScenarioResult } from "./run-scenario.ts";

/**
 * Resolves with what the scenarios came to in each round. Every other round begins with the other side.
 *
 * @param progress told what is going on, a line each time
 */
export async function runRounds(
  options: BenchOptions,
  progress: (line: string) => void,
): Promise<readonly (readonly ScenarioResult[])[]> {
  const rounds: (readonly ScenarioResult[])[] = [];
  for (let round = 1; round <= options.rounds; round++) {
    const sides = round % 2 === 1 ? options.sides : options.sides.toReversed();
    const results: ScenarioResult[] = [];
    for (const scenario of options.scenarios) {
      const place = `round ${round} of ${options.rounds}, ${scenario.name}`;
      const seconds = `${options.warmupMs / 1000} + ${options.durationMs / 1000} s`;
      const tell = (line: string): void => progress(`${place}: ${line}, ${seconds}`);
      results.push(...(await runScenario(scenario, options, sides, tell)));
    }
    rounds.push(results);
  }
  return rounds;
}
