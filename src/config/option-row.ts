/** A kind of option: it says how the text becomes a value. */
export type OptionKind =
  | { readonly kind: "text" }
  | { readonly kind: "list" }
  /** `true` or `false`; alone on the command line it is true. */
  | { readonly kind: "flag" }
  | { readonly kind: "choice"; readonly choices: readonly string[] }
  /** Some of a few words; repeatable, or separated by commas. */
  | { readonly kind: "choices"; readonly choices: readonly string[] }
  | { readonly kind: "integer"; readonly min: number; readonly max: number }
  | { readonly kind: "address"; readonly offAllowed: boolean }
  | { readonly kind: "file-mode" };

/** One option of `ostiary serve`: also an environment variable and a key of the configuration file. */
export interface OptionRow {
  /** Without dashes; the environment variable is `OSTIARY_` with the name in upper case and `_` for `-`. */
  readonly name: string;
  /** Another name for the same option. */
  readonly alias?: string;
  readonly type: OptionKind;
  /** What holds when nobody says anything, as text; undefined when there is nothing to fall back on. */
  readonly fallback?: string;
  /** What stands for the value in the help text; empty for a flag. */
  readonly placeholder: string;
  readonly help: string;
  /** The heading it stands under in the help text. */
  readonly group:
    | "Policies"
    | "Doors"
    | "HTTP"
    | "Transport"
    | "Evaluation"
    | "Limits"
    | "Logging"
    | "Other";
}

/** Returns whether an option may be given several times. */
export function isRepeatable({ kind }: OptionKind): boolean {
  return kind === "list" || kind === "choices";
}

const maxInteger = 2 ** 31 - 1;

/** The kind of whole numbers within bounds, both included. */
export const integer = (min: number, max: number = maxInteger): OptionKind => ({
  kind: "integer",
  min,
  max,
});

/** The kind that takes one of a few words. */
export const choice = (...choices: readonly string[]): OptionKind => ({ kind: "choice", choices });

/** The kind that takes some of a few words. */
export const choices = (...words: readonly string[]): OptionKind => ({
  kind: "choices",
  choices: words,
});

/** The kind that takes anything. */
export const text: OptionKind = { kind: "text" };
