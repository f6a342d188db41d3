/** Year 1 and the end of year 9999 in seconds: what protobuf's JSON form can write. */
const MIN_SECONDS = -62_135_596_800n;
const MAX_SECONDS = 253_402_300_799n;
const MAX_NANOS = 999_999_999;

/**
 * The time as RFC 3339 text in UTC with 0, 3, 6 or 9 digits of fraction, whichever loses nothing; undefined when
 * it is out of protobuf's range.
 */
export function formatTimestamp(seconds: bigint, nanos: number): string | undefined {
  if (seconds < MIN_SECONDS || seconds > MAX_SECONDS || nanos < 0 || nanos > MAX_NANOS) {
    return undefined;
  }
  const whole = new Date(Number(seconds) * 1_000).toISOString().slice(0, 19);
  return `${whole}${formatFraction(nanos)}Z`;
}

function formatFraction(nanos: number): string {
  if (nanos === 0) {
    return "";
  }
  const digits = String(nanos).padStart(9, "0");
  if (nanos % 1_000_000 === 0) {
    return `.${digits.slice(0, 3)}`;
  }
  return nanos % 1_000 === 0 ? `.${digits.slice(0, 6)}` : `.${digits}`;
}
