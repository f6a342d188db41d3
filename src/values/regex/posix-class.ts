/** Code points from the first to the last of each pair. */
export type CodePointRange = readonly [number, number];

const MAX_CODE_POINT = 0x10ffff;
const NEWLINE = 0x0a;

/** The POSIX classes by name, as `[[:alpha:]]` names them. */
const posixClasses: ReadonlyMap<string, string> = new Map([
  ["alnum", "09AZaz"],
  ["alpha", "AZaz"],
  ["ascii", "\0\x7f"],
  ["blank", "\t\t  "],
  ["cntrl", "\0\x1f\x7f\x7f"],
  ["digit", "09"],
  ["graph", "!~"],
  ["lower", "az"],
  ["print", " ~"],
  ["punct", "!/:@[`{~"],
  ["space", "\t\r  "],
  ["upper", "AZ"],
  ["word", "09AZ__az"],
  ["xdigit", "09AFaf"],
]);

/** Returns the ranges of a class such as `[:alpha:]` or `[:^alpha:]`, or undefined when there is none of that name. */
export function namedRanges(name: string): readonly CodePointRange[] | undefined {
  const [, not = "", word = ""] = /^\[:(\^?)([a-z]+):\]$/.exec(name) ?? [];
  const ends = posixClasses.get(word);
  if (ends === undefined) return undefined;
  const ranges: CodePointRange[] = [];
  for (let at = 0; at < ends.length; at += 2) {
    ranges.push([ends.charCodeAt(at), ends.charCodeAt(at + 1)]);
  }
  return not === "" ? ranges : complement(ranges);
}

/** Returns the code points outside the ranges and, as in the original without further flags, no newline. */
export function negateRanges(ranges: readonly CodePointRange[]): readonly CodePointRange[] {
  return complement([...ranges, [NEWLINE, NEWLINE]]);
}

function complement(ranges: readonly CodePointRange[]): readonly CodePointRange[] {
  const others: CodePointRange[] = [];
  let next = 0;
  for (const [first, last] of mergeRanges(ranges)) {
    if (first > next) others.push([next, first - 1]);
    next = last + 1;
  }
  if (next <= MAX_CODE_POINT) others.push([next, MAX_CODE_POINT]);
  return others;
}

/** Returns the same code points in order, each in one range only. */
export function mergeRanges(ranges: readonly CodePointRange[]): readonly CodePointRange[] {
  const merged: [number, number][] = [];
  for (const [first, last] of ranges.toSorted(([left], [right]) => left - right)) {
    const previous = merged.at(-1);
    if (previous !== undefined && first <= previous[1] + 1) {
      previous[1] = Math.max(previous[1], last);
    } else {
      merged.push([first, last]);
    }
  }
  return merged;
}

/** The ranges that `.` stands for: any code point but the newline. */
export const anyCodePoint: readonly CodePointRange[] = negateRanges([]);
