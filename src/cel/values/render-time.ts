import { formatGoNumber } from "./go-double.ts";
import type { CelDuration, CelTimestamp } from "./value.ts";

const nanosPerSecond = 1_000_000_000n;

/** Returns a moment in RFC 3339, with the offset it was read with and the shortest fraction. */
export function renderTimestamp({ nanos, offsetMinutes }: CelTimestamp): string {
  const local = nanos + BigInt(offsetMinutes) * 60n * nanosPerSecond;
  const fraction = ((local % nanosPerSecond) + nanosPerSecond) % nanosPerSecond;
  const date = new Date(Number((local - fraction) / 1_000_000n)).toISOString().slice(0, 19);
  const digits = String(fraction).padStart(9, "0").replace(/0+$/, "");
  return `${date}${digits === "" ? "" : `.${digits}`}${renderOffset(offsetMinutes)}`;
}

function renderOffset(minutes: number): string {
  if (minutes === 0) return "Z";
  const whole = Math.abs(minutes);
  const parts = [Math.floor(whole / 60), whole % 60].map((part) => String(part).padStart(2, "0"));
  return `${minutes < 0 ? "-" : "+"}${parts.join(":")}`;
}

/** Returns a span in seconds, as in `5400s` and `-1.5s`. */
export function renderDuration({ nanos }: CelDuration): string {
  return `${formatSeconds(Number(nanos) / 1e9)}s`;
}

function formatSeconds(seconds: number): string {
  const text = formatGoNumber(seconds);
  return text.includes("e") ? seconds.toFixed(9).replace(/\.?0+$/, "") : text;
}
