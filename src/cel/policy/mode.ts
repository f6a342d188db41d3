import type { AllowResponse, DenyResponse } from "../../model/decision-response.ts";
import type { EvaluationError } from "../../model/evaluation-error.ts";
import type { JsonValue } from "../../model/json.ts";
import type { PayloadPath } from "../../model/payload-reads.ts";
import type { CelEnvironment } from "../environment.ts";
import type { CelType } from "../types/type.ts";
import type { CelMessage } from "../values/message.ts";
import type { CompiledExpression } from "./compile-expression.ts";

/** All that differs between policies for the gRPC door and policies for the HTTP door. */
export interface ModeOfPolicies {
  readonly environment: CelEnvironment;
  /** The type of what a validation gives. */
  readonly responseType: CelType;
  /** Returns the request as `object`. */
  readonly createObject: (payload: JsonValue, lines: HeaderLines | undefined) => CelMessage;
  /** Returns what a response of a validation stands for, or the error that denies instead. */
  readonly readResponse: (message: CelMessage) => AllowResponse | DenyResponse | EvaluationError;
  /** Returns the parts of a payload that an expression may read. */
  readonly findReads: (expression: CompiledExpression) => readonly PayloadPath[];
}

/** The header lines of an HTTP request by lower-case name, none joined. */
export type HeaderLines = Readonly<Record<string, readonly string[]>>;
