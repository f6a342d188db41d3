import assert from "node:assert/strict";
import * as fc from "fast-check";
import { countOf } from "../support/test-effort.ts";

/** The seed unless `OSTIARY_FUZZ_SEED` gives another, or `random`; a failure prints the one that was used. */
const usualSeed = 20_260_101;

/** What every object inherits, before anything has run. */
const prototypes = [Object.prototype, Array.prototype, Function.prototype, String.prototype];
const untouched = prototypes.map(Object.getOwnPropertyDescriptors);

/**
 * Tries the property so many times in a full run, a quarter of them in others, or `OSTIARY_FUZZ_RUNS` times. Fails as well when anything that objects inherit
 * has been changed meanwhile.
 */
export function runProperty<T>(property: fc.IProperty<T>, runs: number): void {
  const { OSTIARY_FUZZ_RUNS: wantedRuns, OSTIARY_FUZZ_SEED: wantedSeed } = process.env;
  const numRuns = wantedRuns === undefined ? countOf(runs, 4) : Number(wantedRuns);
  assert.ok(Number.isSafeInteger(numRuns) && numRuns > 0, "OSTIARY_FUZZ_RUNS is a number of runs");
  const seed = wantedSeed === undefined ? usualSeed : Number(wantedSeed);
  fc.assert(property, wantedSeed === "random" ? { numRuns } : { numRuns, seed });
  assert.deepEqual(prototypes.map(Object.getOwnPropertyDescriptors), untouched);
}

/** What one case may take of the processor; nothing else that the machine does counts. */
const maxCpuMs = 2_000;

/** Returns what the body gives; fails when it takes two seconds of the processor. */
export function inTime<T>(body: () => T): T {
  const before = process.cpuUsage();
  const result = body();
  const { user, system } = process.cpuUsage(before);
  assert.ok(user + system < maxCpuMs * 1_000, `took ${(user + system) / 1_000} ms`);
  return result;
}
