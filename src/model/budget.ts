import type { EvaluationLimits } from "./limits.ts";

/** The means of one request, used up and left: shared by all expressions that judge it. */
export interface Budget {
  /** Steps left; counted down, below zero the request is denied. */
  stepsLeft: number;
  /** Bytes left to read and build; below zero there are no steps left either, so that one look tells of both. */
  bytesLeft: number;
  readonly limits: EvaluationLimits;
  /** How deep expression references (`&…`) run inside one another just now, in levels; absent means 0. */
  referenceDepth?: number;
}

/** Returns the budget of a new request. */
export function createBudget(limits: EvaluationLimits): Budget {
  return { stepsLeft: limits.maxSteps, bytesLeft: limits.maxEvaluationBytes, limits };
}
