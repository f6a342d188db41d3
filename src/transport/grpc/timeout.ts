const unitMs: ReadonlyMap<string, number> = new Map([
  ["H", 3_600_000],
  ["M", 60_000],
  ["S", 1_000],
  ["m", 1],
  ["u", 0.001],
  ["n", 0.000_001],
]);

/** Returns the milliseconds of a `grpc-timeout` (at most eight digits and a unit), or undefined when it is none. */
export function parseGrpcTimeout(text: string): number | undefined {
  const unit = unitMs.get(text.slice(-1));
  const digits = text.slice(0, -1);
  return unit !== undefined && /^\d{1,8}$/.test(digits) ? Number(digits) * unit : undefined;
}
