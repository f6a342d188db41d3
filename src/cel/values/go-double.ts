/** Returns a double as Go's `strconv.FormatFloat(value, 'g', -1, 64)` writes it: `1.5`, `1e+06`, `+Inf`. */
export function formatGoNumber(value: number): string {
  if (Number.isNaN(value)) return "NaN";
  if (!Number.isFinite(value)) return value > 0 ? "+Inf" : "-Inf";
  if (value === 0) return Object.is(value, -0) ? "-0" : "0";
  const [mantissa = "", exponentText = "0"] = value.toExponential().split("e");
  const exponent = Number(exponentText);
  const digits = mantissa.replace("-", "").replace(".", "").length;
  // The shortest form uses an exponent from 21 digits on, as encoding by 'g' with precision -1 does.
  if (exponent >= -4 && exponent < Math.max(digits, 21)) return plainDigits(value);
  const sign = exponent < 0 ? "-" : "+";
  return `${mantissa}e${sign}${String(Math.abs(exponent)).padStart(2, "0")}`;
}

function plainDigits(value: number): string {
  const text = String(value);
  return text.includes("e") ? value.toFixed(0) : text;
}
