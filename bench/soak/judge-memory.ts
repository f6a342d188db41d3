import { spreadOf } from "../load/summarize-rounds.ts";

/** A judgement on whether memory stayed where it was. */
export interface MemoryJudgement {
  /** Medians of the first and of the last samples after warm-up, in the unit of the samples. */
  readonly first: number;
  readonly last: number;
  readonly growthPercent: number;
  readonly isFlat: boolean;
}

/** What is left out at the beginning: V8 sizes its heap by what it sees in the first minutes, and caches fill. */
const WARM_UP_SHARE = 0.2;
/** So much of what is left stands for its beginning, and as much for its end. */
const END_SHARE = 0.25;

/**
 * Returns the judgement on samples of resident memory, taken at equal distances; undefined when they are too few. Medians, as
 * one sample says little: memory goes up and down with each collection.
 */
export function judgeMemory(
  samples: readonly number[],
  maxGrowthPercent: number,
): MemoryJudgement | undefined {
  const settled = samples.slice(Math.floor(samples.length * WARM_UP_SHARE));
  const count = Math.max(1, Math.floor(settled.length * END_SHARE));
  const first = spreadOf(settled.slice(0, count))?.median;
  const last = spreadOf(settled.slice(-count))?.median;
  if (first === undefined || last === undefined || settled.length < 2) return undefined;
  const growthPercent = (last / first - 1) * 100;
  return { first, last, growthPercent, isFlat: growthPercent <= maxGrowthPercent };
}
