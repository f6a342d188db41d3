/**
 * Returns the value rounded to so many decimals, half away from zero, as Go's `math.Round(x * math.Pow(10, n)) / math.Pow(10, n)`:
 * 1.005 to two decimals is 1, and NaN when 10^n is out of a double's range.
 */
export function roundToDecimals(value: number, decimals: number): number {
  const shift = powerOfTen(decimals);
  return roundHalfAway(value * shift) / shift;
}

function roundHalfAway(value: number): number {
  const truncated = Math.trunc(value);
  return Math.abs(value - truncated) >= 0.5 ? truncated + Math.sign(value) : truncated;
}

/** 10^n by repeated squaring of 0.625·2^4, rounding where Go's `math.Pow` rounds, so not always to the nearest. */
function powerOfTen(exponent: number): number {
  if (exponent > 308) return Infinity;
  if (exponent === 1) return 10;
  let mantissa = 1;
  let binaryExponent = 0;
  let square = 0.625;
  let squareExponent = 4;
  for (let left = exponent; left > 0; left = Math.floor(left / 2)) {
    if (left % 2 === 1) {
      mantissa *= square;
      binaryExponent += squareExponent;
    }
    square *= square;
    squareExponent *= 2;
    if (square < 0.5) {
      square *= 2;
      squareExponent -= 1;
    }
  }
  return mantissa * 2 ** (binaryExponent - 60) * 2 ** 60;
}
