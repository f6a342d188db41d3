import type { JsonObject, JsonValue } from "../../model/json.ts";
import type { ParsedDocument } from "../../model/policy-language.ts";

/** A validated `json.kyverno.io/v1alpha1 ValidatingPolicy`. */
export interface PolicyDocument extends Pick<ParsedDocument, "file" | "fileText" | "locate"> {
  readonly name: string;
  readonly metadata: JsonObject;
  readonly rules: readonly RuleDocument[];
}

/** One entry of `spec.rules`. */
export interface RuleDocument {
  readonly name: string;
  readonly context: readonly ContextEntry[];
  readonly match?: MatchBlock;
  readonly exclude?: MatchBlock;
  readonly identifier?: string;
  readonly assert: AssertBlock;
}

/** One entry of a rule's `context`; without `variable` it binds null. */
export interface ContextEntry {
  readonly name: string;
  readonly variable?: JsonValue;
}

/** `match` and `exclude`: assertion trees. An absent list and an empty one print differently. */
export interface MatchBlock {
  readonly any?: readonly JsonObject[];
  readonly all?: readonly JsonObject[];
}

/** `assert`: assertions. An absent list and an empty one print differently. */
export interface AssertBlock {
  readonly any?: readonly AssertionDocument[];
  readonly all?: readonly AssertionDocument[];
}

/** One assertion: a tree and the message for when it fails (absent when empty). */
export interface AssertionDocument {
  readonly message?: string;
  readonly check: JsonObject;
}
