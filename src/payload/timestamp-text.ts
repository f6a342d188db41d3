/** Year 1 and the end of year 9999 in seconds: what protobuf's JSON form can write. */
const MIN_SECONDS = -62_135_596_800;
const MAX_SECONDS = 253_402_300_799;
const MAX_NANOS = 999_999_999;

/** The last second that was written: requests come many to the second. */
let lastSecond = 0;
let lastText = "1970-01-01T00:00:00";

/**
 * Returns the time as RFC 3339 text in UTC with 0, 3, 6 or 9 digits of fraction, whichever loses nothing; undefined when
 * it is out of protobuf's range.
 */
export function formatTimestamp(seconds: bigint | number, nanos: number): string | undefined {
  if (!isTimestamp(seconds, nanos)) return undefined;
  const second = Number(seconds);
  if (second !== lastSecond) {
    lastSecond = second;
    lastText = new Date(second * 1_000).toISOString().slice(0, 19);
  }
  return `${lastText}${formatFraction(nanos)}Z`;
}

/** Returns whether the time is in protobuf's range, so that it has a text. */
export function isTimestamp(seconds: bigint | number, nanos: number): boolean {
  return seconds >= MIN_SECONDS && seconds <= MAX_SECONDS && nanos >= 0 && nanos <= MAX_NANOS;
}

function formatFraction(nanos: number): string {
  if (nanos === 0) return "";
  if (nanos % 1_000_000 === 0) return formatDigits(1_000 + nanos / 1_000_000);
  return formatDigits(nanos % 1_000 === 0 ? 1_000_000 + nanos / 1_000 : 1_000_000_000 + nanos);
}

/** The digits behind a leading 1, which keeps their zeros. */
function formatDigits(padded: number): string {
  return `.${String(padded).slice(1)}`;
}
