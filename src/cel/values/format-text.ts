/** A `%` clause of a format, with the digits behind the point that it asks for. */
export interface FormatClause {
  readonly verb: FormatVerb;
  readonly precision: number | undefined;
}

/** The verbs of `format`. */
export type FormatVerb = "s" | "d" | "f" | "e" | "b" | "o" | "x" | "X";

const maxPrecision = 100;
const verbs: readonly FormatVerb[] = ["s", "d", "f", "e", "b", "o", "x", "X"];

/** Returns a format's texts and clauses in order, or what is wrong with it. */
export function readFormat(text: string): readonly (string | FormatClause)[] | string {
  const pieces: (string | FormatClause)[] = [];
  let at = 0;
  while (at < text.length) {
    const percent = text.indexOf("%", at);
    if (percent === -1) break;
    pieces.push(text.slice(at, percent));
    const [whole = "", digits, letter = ""] = clause.exec(text.slice(percent)) ?? [];
    at = percent + whole.length;
    if (whole === "%%") {
      pieces.push("%");
      continue;
    }
    const verb = verbs.find((known) => known === letter);
    if (verb === undefined) return `\`%${letter}\` is no clause of a format`;
    if (digits !== undefined && Number(digits) > maxPrecision) {
      return `the precision ${digits} is more than ${maxPrecision}`;
    }
    pieces.push({ verb, precision: digits === undefined ? undefined : Number(digits || 0) });
  }
  pieces.push(text.slice(at));
  return pieces;
}

/** A clause at the start of a text: `%%`, or a precision and a letter. */
const clause = /^%(?:%|(?:\.(\d*))?([^]?))/;
