/** The number of decimal digits that every double keeps, whatever they are. */
export const exactDigits: number = 15;
/** The smallest number that has as many digits as all larger ones. */
const smallestNormal = 2 ** -1022;

/**
 * Returns what is wrong when a double does not hold just the number that is written there, so that a reader of another kind
 * reads another one: an integer beyond 2^53, more than 15 significant digits, or too close to zero.
 *
 * @param digits the number as JSON writes it
 */
export function exactnessFault(digits: string, value: number): string | undefined {
  const size = Math.abs(value);
  if (size > Number.MAX_SAFE_INTEGER) return "a number beyond 2^53";
  const significant = significantDigits(digits);
  if (significant === 0) return undefined;
  if (size < smallestNormal) return "a number too close to zero";
  if (significant <= exactDigits || isInteger(digits)) return undefined;
  return `a number with more than ${exactDigits} significant digits`;
}

function significantDigits(digits: string): number {
  const mantissa = digits.replace(/[eE].*$/, "").replace(/[-.]/g, "");
  return withoutZeros(mantissa);
}

function withoutZeros(mantissa: string): number {
  let start = 0;
  let end = mantissa.length;
  while (start < end && mantissa.charAt(start) === "0") start++;
  while (end > start && mantissa.charAt(end - 1) === "0") end--;
  return end - start;
}

function isInteger(digits: string): boolean {
  return !/[.eE]/.test(digits);
}
