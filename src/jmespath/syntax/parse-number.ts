const decimal =
  /^[+-]?(?:[0-9](?:_?[0-9])*(?:\.(?:[0-9](?:_?[0-9])*)?)?|\.[0-9](?:_?[0-9])*)(?:[eE][+-]?[0-9](?:_?[0-9])*)?$/;
const hexadecimal =
  /^([+-]?)0[xX](?:_?([0-9a-fA-F](?:_?[0-9a-fA-F])*)(?:\.([0-9a-fA-F](?:_?[0-9a-fA-F])*)?)?|\.([0-9a-fA-F](?:_?[0-9a-fA-F])*))[pP]([+-]?[0-9](?:_?[0-9])*)$/;
const named: ReadonlyMap<string, number> = new Map([
  ["inf", Number.POSITIVE_INFINITY],
  ["+inf", Number.POSITIVE_INFINITY],
  ["-inf", Number.NEGATIVE_INFINITY],
  ["infinity", Number.POSITIVE_INFINITY],
  ["+infinity", Number.POSITIVE_INFINITY],
  ["-infinity", Number.NEGATIVE_INFINITY],
  ["nan", Number.NaN],
]);

/**
 * Returns the double the text stands for by the rules of Go's `strconv.ParseFloat`, or undefined: decimal, hexadecimal with
 * a binary exponent, digits apart by single underscores, `inf`, `nan`; a number too large for a double is none.
 */
export function parseGoFloat(text: string): number | undefined {
  const special = named.get(text.toLowerCase());
  if (special !== undefined) return special;
  if (decimal.test(text)) return finite(Number(text.replaceAll("_", "")));
  const parts = hexadecimal.exec(text);
  return parts === null ? undefined : finite(parseHexadecimal(parts));
}

function parseHexadecimal(parts: RegExpExecArray): number {
  const [, sign, whole = "", fraction = parts[4] ?? "", , exponent = ""] = parts;
  const fractionDigits = fraction.replaceAll("_", "");
  const mantissa = Number(`0x${whole.replaceAll("_", "")}${fractionDigits}`);
  const power = Number(exponent.replaceAll("_", "")) - 4 * fractionDigits.length;
  // In two halves, so that neither power leaves the range of doubles before the product does.
  const half = Math.trunc(power / 2);
  const size = mantissa === 0 ? 0 : mantissa * 2 ** half * 2 ** (power - half);
  return sign === "-" ? -size : size;
}

function finite(value: number): number | undefined {
  return Number.isFinite(value) ? value : undefined;
}
