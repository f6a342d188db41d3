import type { Mark } from "./text-cursor.ts";

/** A token that the scanner makes of the text. */
export type YamlToken = ScalarToken | NameToken | TagToken | DirectiveToken | SimpleToken;

interface TokenPlace {
  readonly start: Mark;
  readonly end: Mark;
}

/** The style in which a scalar was written. */
export type ScalarStyle = "plain" | "single" | "double" | "block";

interface ScalarToken extends TokenPlace {
  readonly kind: "scalar";
  readonly value: string;
  readonly style: ScalarStyle;
}

/** `&name`, `*name`. */
interface NameToken extends TokenPlace {
  readonly kind: "anchor" | "alias";
  readonly name: string;
}

/** `!handle!suffix`; the handle is empty for `!<…>` and for `!` alone. */
export interface TagToken extends TokenPlace {
  readonly kind: "tag";
  readonly handle: string;
  readonly suffix: string;
}

/** `%YAML` with its version, `%TAG` with what a handle stands for. */
export type DirectiveToken = TokenPlace &
  (
    | { readonly kind: "version"; readonly version: string }
    | { readonly kind: "tag directive"; readonly handle: string; readonly prefix: string }
  );

/** A token without content. */
interface SimpleToken extends TokenPlace {
  readonly kind: SimpleKind;
}

/** Indicators, and what the indentation says. */
export type SimpleKind =
  | "document start"
  | "document end"
  | "stream end"
  | "block sequence"
  | "block mapping"
  | "block end"
  | "flow sequence"
  | "flow sequence end"
  | "flow mapping"
  | "flow mapping end"
  | "block entry"
  | "flow entry"
  | "key"
  | "value";
