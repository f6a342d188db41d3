import type { FieldPath } from "../../model/document-fault.ts";
import type { ParsedDocument } from "../../model/policy-language.ts";

/** The requests that a policy judges: those of the gRPC door, or those of the HTTP door. */
export type CelMode = "Envoy" | "HTTP";

/** An expression of a document. */
export interface ExpressionText {
  readonly text: string;
  /** Where the document has it. */
  readonly path: FieldPath;
}

/** An expression with the name by which others refer to it. */
export interface NamedExpression extends ExpressionText {
  readonly name: string;
}

type Located = Pick<ParsedDocument, "file" | "fileText" | "locate">;

/** A validated `policies.kyverno.io ValidatingPolicy` of mode `Envoy` or `HTTP`. */
export interface CelPolicyDocument extends Located {
  readonly kind: "policy";
  readonly name: string;
  readonly mode: CelMode;
  /** Whether an error of its expressions lets the policy stay silent (`failurePolicy: Ignore`) instead of denying. */
  readonly ignoresErrors: boolean;
  readonly matchConditions: readonly ExpressionText[];
  readonly variables: readonly NamedExpression[];
  readonly validations: readonly ExpressionText[];
}

/** A validated `policies.kyverno.io PolicyException`. */
export interface ExceptionDocument extends Located {
  readonly kind: "exception";
  readonly name: string;
  /** The mode of the policies that it is about; without one it never applies. */
  readonly mode: CelMode | undefined;
  readonly policyNames: readonly string[];
  readonly matchConditions: readonly ExpressionText[];
  /** When it ends (`expiresAt`), in milliseconds since 1970-01-01T00:00:00Z; absent: never. */
  readonly expiresAtMs?: number;
}

/** A document of this language. */
export type CelDocument = CelPolicyDocument | ExceptionDocument;
