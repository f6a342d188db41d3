/** Digits that tell any two single-precision numbers apart. */
const maxDigits = 9;

/**
 * Returns the fewest digits, with an exponent, that read back as the same single-precision number, as Go finds them: of two that
 * are equally near the even one, where the engine takes the larger. Powers of two have less room below than above.
 *
 * @param size a single-precision number, finite and not negative
 */
export function shortestSingle(size: number): string {
  const isPowerOfTwo = Number.isInteger(Math.log2(size));
  for (let digits = 1; digits < maxDigits; digits++) {
    const nearest = size.toExponential(digits - 1);
    if (isSame(nearest, size)) return isPowerOfTwo ? nearest : evenOf(nearest, size, digits);
    const above = isPowerOfTwo && Number(nearest) < size ? withLastDigit(nearest, 1) : undefined;
    if (above !== undefined && isSame(above, size)) return above;
  }
  return size.toExponential(maxDigits - 1);
}

/** The other text of that many digits when that one is as near, even, and reads back the same too. */
function evenOf(text: string, size: number, digits: number): string {
  const exact = size.toExponential(20);
  const rest = exact.slice(0, exact.indexOf("e")).replace(".", "").slice(digits);
  if (!/^50*$/.test(rest)) return text;
  const below = withLastDigit(text, -1);
  return below !== undefined && isSame(below, size) ? below : text;
}

/** The text with its last digit changed; undefined where that would carry over, or where an even one would turn odd. */
function withLastDigit(text: string, change: 1 | -1): string | undefined {
  const [mantissa = "", exponent = ""] = text.split("e");
  const last = Number(mantissa.at(-1));
  if (change === -1 && last % 2 === 0) return undefined;
  return last + change > 9 ? undefined : `${mantissa.slice(0, -1)}${last + change}e${exponent}`;
}

function isSame(text: string, size: number): boolean {
  return Math.fround(Number(text)) === size;
}
