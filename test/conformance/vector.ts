import type { RuleStatus } from "../../src/model/decision.ts";
import type { JsonObject, JsonValue } from "../../src/model/json.ts";

/** One line of a vector file: inputs, and what the Go engine made of them. */
export type Vector = TreeVector | CelVector;

/** Vectors of the language of assertion trees. */
export type TreeVector = ExpressionVector | PolicyVector | CheckVector;

/** The kinds of vectors, in the order they are reported. */
export const vectorKinds: readonly Vector["kind"][] = [
  "expr",
  "policy",
  "check",
  "cel-expr",
  "cel-policy",
];

/** Vectors of the CEL language, which name a mode; their files say `expr` and `policy` as well. */
export type CelVector = CelExpressionVector | CelPolicyVector;

interface CelInputs {
  readonly id: string;
  readonly mode: "Envoy" | "HTTP";
  /** A CheckRequest in proto-JSON; absent: an empty one. */
  readonly checkRequest?: JsonObject;
  readonly httpRequest?: HttpRequest;
  /** Answers to calls to the world outside, by URL; every other call fails. */
  readonly stubs?: Readonly<Record<string, Stub>>;
}

/** An answer of a server outside. */
export interface Stub {
  readonly status?: number;
  readonly body?: string;
}

/** A request of the HTTP door; its headers are by their canonical names. */
export interface HttpRequest {
  readonly method: string;
  readonly url: string;
  readonly host?: string;
  readonly header: Readonly<Record<string, readonly string[]>>;
  readonly body: string;
}

export interface CelExpressionVector extends CelInputs {
  readonly kind: "cel-expr";
  readonly expr: string;
  readonly expect: ExpectedCelResult;
}

/** A static type with a value or an error, or an expression that does not compile; `panic` where the Go process crashed. */
export interface ExpectedCelResult {
  readonly type?: string;
  readonly value?: JsonValue;
  readonly error?: string;
  readonly compileError?: string;
  readonly panic?: string;
}

export interface CelPolicyVector extends CelInputs {
  readonly kind: "cel-policy";
  readonly name: string;
  readonly policies: string;
  readonly exceptions?: string;
  readonly inputExpression?: string;
  readonly outputExpression?: string;
  readonly expect: ExpectedCelAnswer;
}

export interface ExpectedCelAnswer {
  /** How many policies the original accepted. */
  readonly policies: number;
  /** Documents that its loader left out. */
  readonly skipped?: readonly string[];
  readonly compileErrors?: readonly {
    readonly policy: string;
    readonly field?: string;
    readonly type: string;
  }[];
  readonly result: JsonValue;
  readonly error?: string;
  /** The answer of the HTTP server. */
  readonly wire?: {
    readonly status: number;
    readonly header: Readonly<Record<string, readonly string[]>>;
    readonly body: string;
  };
}

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

/** The extent to which texts can be compared: Go walks maps in random order. */
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
