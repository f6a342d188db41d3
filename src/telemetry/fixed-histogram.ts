/**
 * Upper bounds in seconds, each inclusive: fine below a millisecond, where most answers are, and up to the
 * longest timeout in use.
 */
export const durationBucketSeconds: readonly number[] = [
  0.000_025, 0.000_05, 0.000_1, 0.000_15, 0.000_2, 0.000_3, 0.000_4, 0.000_6, 0.000_8, 0.001,
  0.001_5, 0.002_5, 0.005, 0.01, 0.025, 0.05, 0.1, 0.25, 0.5, 1, 2.5,
];

/** One histogram with fixed bounds; observing costs a few nanoseconds where prom-client's takes 130 or more. */
export interface FixedHistogram {
  observe(value: number): void;
  /** The lines of the Prometheus text format, version 0.0.4, without HELP and TYPE; `labels` as `a="b"`, or empty. */
  lines(name: string, labels: string): string[];
}

/** Returns an empty histogram with the bounds, which ascend. */
export function createFixedHistogram(bounds: readonly number[]): FixedHistogram {
  const counts = new Float64Array(bounds.length + 1);
  let sum = 0;
  return {
    observe(value) {
      let bucket = 0;
      while (bucket < bounds.length && value > (bounds[bucket] ?? 0)) bucket++;
      counts[bucket] = (counts[bucket] ?? 0) + 1;
      sum += value;
    },
    lines(name, labels) {
      const prefix = labels === "" ? "" : `${labels},`;
      const suffix = labels === "" ? "" : `{${labels}}`;
      let total = 0;
      const lines = [...counts].map((count, bucket) => {
        total += count;
        return `${name}_bucket{${prefix}le="${bounds[bucket] ?? "+Inf"}"} ${total}`;
      });
      return [...lines, `${name}_sum${suffix} ${sum}`, `${name}_count${suffix} ${total}`];
    },
  };
}
