/**
 * The kinds of faults of a text: it is not JSON (`syntax`), it ends too early (`end`), it nests too deep (`depth`), a
 * double cannot hold a number (`range`), or two readers could take it differently (`ambiguous`).
 */
export type JsonFaultKind = "syntax" | "end" | "depth" | "range" | "ambiguous";

/** The fault of a text that was not read as JSON. A value: it is returned, and never leaves `json/` as an exception. */
export class JsonFault {
  readonly kind: JsonFaultKind;
  /** Where in the text, 0-based in UTF-16 units; the text's length for its end. */
  readonly at: number;
  /**
   * For `syntax`, what the character there stands in or after, in the words of Go's decoder; for `range`, the number;
   * for `ambiguous`, what is so.
   */
  readonly detail: string;

  constructor(kind: JsonFaultKind, at: number, detail: string = "") {
    this.kind = kind;
    this.at = at;
    this.detail = detail;
  }
}

/** Describes the fault for whoever wrote the text. */
export function describeJsonFault({ kind, at, detail }: JsonFault, text: string): string {
  switch (kind) {
    case "syntax": {
      const code = text.codePointAt(at);
      const found = code === undefined ? "the end" : `\`${String.fromCodePoint(code)}\``;
      return `${found} ${detail}`;
    }
    case "end":
      return "the text ends too early";
    case "depth":
      return "it nests too deep";
    case "range":
      return `no double holds ${detail}`;
    case "ambiguous":
      return detail;
  }
}
