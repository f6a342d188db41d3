/** The outline of a regular expression that its text tells before it is compiled. */
export interface PatternOutline {
  /** About how many instructions it compiles to; a bounded pattern matches at most so many characters. */
  readonly size: number;
  /** How many classes of Unicode it names (`\pL`): each is a list of hundreds of ranges. */
  readonly unicodeClasses: number;
  /** Whether a match may be of any length. */
  readonly isUnbounded: boolean;
  /** The names of the groups, the first group's first; empty for a group without one. */
  readonly groupNames: readonly string[];
  /** The pattern with all groups nameless, otherwise the same. */
  readonly nameless: string;
}

/** Quoted text, an escape, a class, a group's opening or flags, a repetition, or any other character. */
const token =
  /\\Q(?<quoted>(?:(?!\\E)[^])*)(?:\\E)?|\\(?:[pPx]\{[^}]*\}|[^])|\[\^?\]?(?:\[:[^\]:]*:\]|\\[^]|[^\]\\])*\]?|\(\?[a-zA-Z-]*\)|(?<opening>\((?:\?P?<(?<name>[^>]*)>|\?[a-zA-Z-]*:)?)|\{(?<least>\d+),?(?<most>\d*)\}|[^]/gu;

const unbounded = /^(?:[*+]|\{\d+,\})$/;

/**
 * Returns the outline of a pattern in RE2's syntax, without a check of it: enough to bound what compiling and searching
 * cost, and to read patterns in which groups share a name. Takes time in proportion to the text.
 */
export function outlinePattern(pattern: string): PatternOutline {
  const groupNames: string[] = [];
  const sizes = new GroupSizes();
  let nameless = "";
  let isUnbounded = false;
  for (const { 0: text, groups = {} } of pattern.matchAll(token)) {
    const { opening, name, least, most, quoted } = groups;
    isUnbounded ||= unbounded.test(text);
    nameless += name === undefined ? text : "(";
    if (opening !== undefined) {
      sizes.open();
      if (text === "(" || name !== undefined) groupNames.push(name ?? "");
    } else if (text === ")") {
      sizes.close();
    } else if (least !== undefined) {
      sizes.repeat(Math.max(Number(least), Number(most), 1));
    } else {
      sizes.add(quoted?.length ?? 1);
    }
  }
  // Behind an escaped backslash too: that makes the bound no less of one.
  const unicodeClasses = pattern.match(/\\[pP]/g)?.length ?? 0;
  return { size: sizes.total(), unicodeClasses, isUnbounded, groupNames, nameless };
}

/** Adds up instructions, group by group. */
class GroupSizes {
  readonly #outer: number[] = [];
  /** What the innermost open group has so far. */
  #size = 0;
  /** What a repetition that comes next would repeat. */
  #last = 0;

  add(size: number): void {
    this.#last = size;
    this.#size += size;
  }

  repeat(times: number): void {
    this.#size += this.#last * (times - 1);
    this.#last *= times;
  }

  open(): void {
    this.#outer.push(this.#size);
    this.#size = 0;
  }

  close(): void {
    const inner = this.#size + 2;
    this.#size = this.#outer.pop() ?? 0;
    this.add(inner);
  }

  total(): number {
    return this.#outer.reduce((sum, size) => sum + size, this.#size);
  }
}
