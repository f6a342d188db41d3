const layout = "2006-01-02T15:04:05Z07:00";

/** The elements of an RFC 3339 time as Go's layout names them, each with the text that fits. */
const elements: readonly (readonly [name: string, pattern: RegExp])[] = [
  ["2006", /[0-9]{4}/y],
  ["-", /-/y],
  ["01", /[0-9]{2}/y],
  ["-", /-/y],
  ["02", /[0-9]{2}/y],
  ["T", /T/y],
  ["15", /[0-9]{2}/y],
  [":", /:/y],
  ["04", /[0-9]{2}/y],
  [":", /:/y],
  ["05", /[0-9]{2}(?:[.,][0-9]+)?/y],
  ["Z07:00", /Z|[-+][0-9]{2}:[0-9]{2}/y],
];

/** Returns Go's text for why this is no RFC 3339 time; undefined when it is one. */
export function checkTimestamp(text: string): string | undefined {
  let at = 0;
  for (const [name, pattern] of elements) {
    pattern.lastIndex = at;
    const found = pattern.exec(text)?.[0];
    if (found === undefined) {
      return `parsing time "${text}" as "${layout}": cannot parse "${text.slice(at)}" as "${name}"`;
    }
    at += found.length;
  }
  if (at < text.length) return `parsing time "${text}": extra text: "${text.slice(at)}"`;
  const reason = outOfRange(text);
  return reason === undefined ? undefined : `parsing time "${text}": ${reason} out of range`;
}

function outOfRange(text: string): string | undefined {
  const [year = 0, month = 0, day = 0, hour = 0, minute = 0, second = 0] = text
    .slice(0, 19)
    .split(/[-T:]/)
    .map(Number);
  if (month < 1 || month > 12) return "month";
  if (hour > 23) return "hour";
  if (minute > 59) return "minute";
  if (second > 59) return "second";
  const days = new Date(Date.UTC(year, month, 0)).getUTCDate();
  return day < 1 || day > days ? "day" : undefined;
}
