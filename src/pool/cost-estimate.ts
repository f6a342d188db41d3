/** A running estimate of what one evaluation costs, in milliseconds. */
export interface CostEstimate {
  /** Undefined until something was observed. */
  readonly milliseconds: number | undefined;
  /** Takes the mean cost of some evaluations into account. */
  observe(milliseconds: number): void;
}

/** The pace at which an estimate follows what is observed. */
export interface CostEstimateOptions {
  /** What is observed is cut here: one pause of the garbage collector may not weigh like a hundred dear requests. */
  readonly ceilingMs: number;
  /** Share of the way, 0 to 1, that the estimate goes to each observation. */
  readonly weight: number;
}

/** Returns an estimate that nothing was observed for yet. */
export function createCostEstimate({ ceilingMs, weight }: CostEstimateOptions): CostEstimate {
  let estimateMs: number | undefined;
  return {
    get milliseconds() {
      return estimateMs;
    },
    observe(milliseconds) {
      const observedMs = Math.min(milliseconds, ceilingMs);
      const before = estimateMs ?? observedMs;
      estimateMs = before + weight * (observedMs - before);
    },
  };
}
