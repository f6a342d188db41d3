import type { Mark } from "./text-cursor.ts";

/** A place where a text is not YAML. */
export interface SyntaxProblem {
  /** Who found it: the first two count lines in their own ways, the third tells none. */
  readonly by: "scanner" | "parser" | "composer";
  /** In the words of the original's YAML library. */
  readonly problem: string;
  readonly at: Mark;
  /** Where the thing began that could not be read. */
  readonly context: Mark;
}

/** Returns what the original says of it: it numbers lines from 1 in its scanner, from 0 in its parser, and leaves out the first. */
export function originalTextOf({ by, problem, at, context }: SyntaxProblem): string {
  if (by === "composer") return `yaml: ${problem}`;
  const found = at.line > 0 && by === "scanner" ? at.line + 1 : at.line;
  const line = found === 0 ? context.line : found;
  return line === 0 ? `yaml: ${problem}` : `yaml: line ${line}: ${problem}`;
}

/** Problems that are shown where the thing began, and problems that have plainer words. */
const rewordings: ReadonlyMap<string, { readonly text: string; readonly atContext?: true }> =
  new Map([
    [
      "could not find expected ':'",
      { text: "this line is neither a key nor a part of a value", atContext: true },
    ],
    ["found unexpected end of stream", { text: "the quote is never closed", atContext: true }],
    [
      "found unexpected document indicator",
      { text: "the quote is not closed before `---` or `...`", atContext: true },
    ],
    ["did not find expected key", { text: "expected a key: is the indentation right?" }],
    [
      "did not find expected '-' indicator",
      { text: "expected an item, `-`: is the indentation right?" },
    ],
    ["did not find expected ',' or ']'", { text: "expected `,` or `]`" }],
    ["did not find expected ',' or '}'", { text: "expected `,` or `}`" }],
    ["did not find expected node content", { text: "expected a value" }],
    [
      "mapping values are not allowed in this context",
      { text: "a `:` where no key can stand: quote the text, or mend the indentation" },
    ],
    ["mapping keys are not allowed in this context", { text: "a `?` where no key can stand" }],
    [
      "block sequence entries are not allowed in this context",
      { text: "a `-` where no item can stand" },
    ],
    ["found unknown escape character", { text: "this is no escape of YAML 1.1" }],
    [
      "found invalid Unicode character escape code",
      { text: "half of a surrogate pair, or no character at all" },
    ],
    ["did not find expected hexdecimal number", { text: "expected hexadecimal digits" }],
    ["found incompatible YAML document", { text: "only YAML 1.1 is read" }],
    ["found undefined tag handle", { text: "nothing says what this tag's handle stands for" }],
  ] as const);

/** Returns what a person is told, and where. */
export function describeProblem(
  found: SyntaxProblem,
  text: string,
): { message: string; offset: number } {
  const { problem, at, context } = found;
  const { offset } = at;
  if (problem === "found character that cannot start any token") {
    const character = String.fromCodePoint(text.codePointAt(offset) ?? 0);
    const message =
      character === "\t"
        ? "a tab is no indentation"
        : `no value can start with \`${character}\`: quote it`;
    return { message, offset };
  }
  const rewording = rewordings.get(problem);
  if (rewording === undefined) return { message: problem, offset };
  return {
    message: rewording.text,
    offset: rewording.atContext === true ? context.offset : offset,
  };
}
