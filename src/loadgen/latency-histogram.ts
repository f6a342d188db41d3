/** Percentiles of what was recorded, in milliseconds; zeros when nothing was. */
export interface LatencySummary {
  readonly p50: number;
  readonly p90: number;
  readonly p99: number;
  readonly p999: number;
  readonly max: number;
}

/** Durations counted in buckets whose width grows with the value: small, and the same precision everywhere. */
export interface LatencyHistogram {
  /** Counts a duration; negative ones count as zero. */
  record(milliseconds: number): void;
  readonly count: number;
  /** The smallest duration that the given share (0 to 1) of all is not above, in milliseconds. */
  percentile(share: number): number;
  summary(): LatencySummary;
}

/** A tenth of a microsecond: fine enough for a loopback, and 31 bits of it are 214 seconds. */
const UNITS_PER_MS = 10_000;
const MAX_UNITS = 2 ** 31 - 1;

/** Buckets in each power of two; a value is known to 1 part in this number, better than one percent. */
const BUCKETS_PER_OCTAVE = 128;
const OCTAVE_BITS = 8;
const LAST_SHIFT = 31 - OCTAVE_BITS;

/** Returns an empty histogram; it takes 26 KB, whatever is recorded. */
export function createLatencyHistogram(): LatencyHistogram {
  const counts = new Float64Array((LAST_SHIFT + 2) * BUCKETS_PER_OCTAVE);
  let count = 0;
  let maxUnits = 0;

  const percentile = (share: number): number => {
    const rank = Math.max(1, Math.ceil(share * count));
    let seen = 0;
    for (let index = 0; index < counts.length; index++) {
      seen += counts[index] ?? 0;
      if (seen >= rank) return Math.min(highestOf(index), maxUnits) / UNITS_PER_MS;
    }
    return 0;
  };

  return {
    record(milliseconds) {
      const units = Math.min(Math.max(Math.round(milliseconds * UNITS_PER_MS), 0), MAX_UNITS);
      const index = bucketOf(units);
      counts[index] = (counts[index] ?? 0) + 1;
      count++;
      if (units > maxUnits) maxUnits = units;
    },
    get count() {
      return count;
    },
    percentile,
    summary: () => ({
      p50: percentile(0.5),
      p90: percentile(0.9),
      p99: percentile(0.99),
      p999: percentile(0.999),
      max: maxUnits / UNITS_PER_MS,
    }),
  };
}

/** The eight leading bits of the value, behind those of all smaller powers of two. */
function bucketOf(units: number): number {
  const shift = Math.max(0, 32 - OCTAVE_BITS - Math.clz32(units));
  return shift * BUCKETS_PER_OCTAVE + (units >>> shift);
}

/** The largest value that falls into the bucket. */
function highestOf(index: number): number {
  const shift = Math.max(0, Math.floor(index / BUCKETS_PER_OCTAVE) - 1);
  return (index - shift * BUCKETS_PER_OCTAVE + 1) * 2 ** shift - 1;
}
