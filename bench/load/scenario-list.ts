import { bodyScenarios } from "../scenarios/body-scenarios.ts";
import { celScenarios } from "../scenarios/cel-scenarios.ts";
import { disturbedScenarios } from "../scenarios/disturbed-scenarios.ts";
import { ruleScenarios } from "../scenarios/rule-scenarios.ts";
import type { Scenario } from "../scenarios/scenario.ts";
import { tokenScenarios } from "../scenarios/token-scenarios.ts";

/** All scenarios, in the order in which `--scenario all` runs them. */
export const scenarios: readonly Scenario[] = [
  ...tokenScenarios,
  ...ruleScenarios,
  ...celScenarios,
  ...bodyScenarios,
  ...disturbedScenarios,
];
