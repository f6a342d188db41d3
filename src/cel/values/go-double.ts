/** Returns a double as Go's `strconv.FormatFloat(value, 'g', -1, 64)` writes it: `1.5`, `1e+06`, `+Inf`. */
export function formatGoNumber(value: number): string {
  if (Number.isNaN(value)) return "NaN";
  if (!Number.isFinite(value)) return value > 0 ? "+Inf" : "-Inf";
  if (value === 0) return Object.is(value, -0) ? "-0" : "0";
  const [mantissa = "", exponentText = "0"] = value.toExponential().split("e");
  const exponent = Number(exponentText);
  const digits = mantissa.replace("-", "").replace(".", "").length;
  // The shortest form uses an exponent from 21 digits on, as encoding by 'g' with precision -1 does.
  if (exponent >= -4 && exponent < Math.max(digits, 21)) return plainDouble(value);
  const sign = exponent < 0 ? "-" : "+";
  return `${mantissa}e${sign}${String(Math.abs(exponent)).padStart(2, "0")}`;
}

/** Returns a finite double as Go's `strconv.FormatFloat(value, 'f', -1, 64)` writes it: the fewest digits, no exponent. */
export function plainDouble(value: number): string {
  const text = Object.is(value, -0) ? "-0" : String(value);
  const [, sign = "", whole = "", fraction = "", exponent] =
    /^(-?)(\d+)(?:\.(\d+))?e([+-]\d+)$/.exec(text) ?? [];
  if (exponent === undefined) return text;
  const digits = whole + fraction;
  const point = whole.length + Number(exponent);
  if (point <= 0) return `${sign}0.${"0".repeat(-point)}${digits}`;
  return `${sign}${digits.padEnd(point, "0")}`;
}
