/** A running estimate of what one evaluation costs, in milliseconds. */
export interface CostEstimate {
  /** Undefined until something was observed. */
  readonly milliseconds: number | undefined;
  /** Takes the mean cost of some evaluations into account. */
  observe(milliseconds: number): void;
}

/** How an estimate follows what is observed. */
export interface CostEstimateOptions {
  /** What is observed is cut here: one pause of the garbage collector may not weigh like a hundred dear requests. */
  readonly ceilingMs: number;
  /** Share of the way, 0 to 1, that the estimate goes up to a higher observation. */
  readonly riseWeight: number;
  /** The same, down to a lower one. */
  readonly fallWeight: number;
}

/** Returns an estimate that nothing was observed for yet. */
export function createCostEstimate(options: CostEstimateOptions): CostEstimate {
  const { ceilingMs, riseWeight, fallWeight } = options;
  let estimateMs: number | undefined;
  return {
    get milliseconds() {
      return estimateMs;
    },
    observe(milliseconds) {
      const observedMs = Math.min(milliseconds, ceilingMs);
      const before = estimateMs ?? observedMs;
      estimateMs = before + (observedMs > before ? riseWeight : fallWeight) * (observedMs - before);
    },
  };
}
