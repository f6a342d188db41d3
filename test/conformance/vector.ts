import type { RuleStatus } from "../../src/model/decision.ts";
import type { JsonObject, JsonValue } from "../../src/model/json.ts";

/** One line of a vector file: inputs, and what the Go engine made of them. */
export type Vector = ExpressionVector | PolicyVector | CheckVector;

/** The kinds of vectors, in the order they are reported. */
export const vectorKinds: readonly Vector["kind"][] = ["expr", "policy", "check"];

export interface ExpressionVector {
  readonly id: string;
  readonly kind: "expr";
  readonly expression: string;
  readonly input: JsonValue;
  /** By name with the leading `$`; values may be tagged. */
  readonly bindings?: JsonObject;
  readonly expect: ExpectedResult;
}

/** A value, or an error with its class; `panic` instead of `error` where the Go process crashed. */
export interface ExpectedResult {
  readonly value?: JsonValue;
  readonly arrayOrder?: "any";
  readonly error?: string;
  readonly errorClass?: string;
  readonly panic?: string;
  readonly textStable?: false;
}

export interface PolicyVector {
  readonly id: string;
  readonly kind: "policy";
  readonly policies?: string;
  readonly files?: readonly FileEntry[];
  readonly policyArgs?: readonly string[];
  readonly input: JsonObject;
  readonly expect: ExpectedDecision;
}

/** A file, or a symbolic link whose target is relative to its folder. */
export interface FileEntry {
  readonly path: string;
  readonly content?: string;
  readonly link?: string;
}

/** How far texts can be compared: Go walks maps in random order. */
export type TextOrder = "exact" | "lines" | "varies" | "verdict-only";

export interface ExpectedDecision {
  readonly verdict: "allow" | "deny" | "load-error" | "rpc-error" | "panic";
  readonly order: TextOrder;
  readonly body?: string;
  readonly loadError?: string;
  /** The text of a failed call; `marshal:` in front says that the answer could not be put on the wire. */
  readonly rpcError?: string;
  readonly loaded?: number;
  readonly rules?: readonly ExpectedRule[];
}

export interface ExpectedRule {
  readonly policy: string;
  readonly rule: string;
  readonly status: RuleStatus;
  readonly identifier?: string;
  readonly error?: string;
  readonly errorClass?: string;
  readonly violations?: readonly {
    readonly message?: string;
    readonly errors: readonly string[];
  }[];
}

export interface CheckVector {
  readonly id: string;
  readonly kind: "check";
  readonly policies: string;
  /** A CheckRequest in proto-JSON. */
  readonly checkRequest: JsonObject;
  readonly expect: ExpectedResponse;
}

export interface ExpectedResponse extends ExpectedDecision {
  /** The document that the policies see. */
  readonly payload: JsonValue;
  /** A CheckResponse in proto-JSON; absent when the call failed. */
  readonly response?: JsonValue;
}
