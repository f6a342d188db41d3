import type { AllowResponse, DenyResponse, HeaderChange } from "../../model/decision-response.ts";
import { isFinalStatus } from "../../model/decision-response.ts";
import { type EvaluationError, isEvaluationError } from "../../model/evaluation-error.ts";
import { refuseHeaderName, refuseHeaderValue } from "../../model/header-rules.ts";
import { valueError } from "../values/errors.ts";
import { CelMessage } from "../values/message.ts";
import { type CelValue, isList } from "../values/value.ts";
import { toMetadata } from "./metadata.ts";

/** What Envoy reads as "allowed" in `CheckResponse.status.code` (google.rpc.Code OK). */
const OK = 0n;

/** `HeaderValueOption.HeaderAppendAction` (envoy.config.core.v3); 0 is also "not given". */
const ADD_IF_ABSENT = 1n;
const OVERWRITE_IF_EXISTS = 3n;

/**
 * Returns the response that a `CheckResponse` of an expression stands for, or the error that denies instead: for what
 * Envoy would refuse, and for a message that says neither "allowed" nor "denied". A denied response denies whatever
 * the status beside it says.
 */
export function readCheckResponse(
  message: CelMessage,
): AllowResponse | DenyResponse | EvaluationError {
  const denied = messageAt(message, "denied_response");
  const ok = messageAt(message, "ok_response");
  const status = messageAt(message, "status");
  if (denied === undefined && ok === undefined && status === undefined) {
    return valueError("the response says neither allowed nor denied");
  }
  const metadata = message.has("dynamic_metadata") ? message.get("dynamic_metadata") : undefined;
  const dynamicMetadata = metadata === undefined ? undefined : toMetadata(metadata);
  if (isEvaluationError(dynamicMetadata)) return dynamicMetadata;
  const code = status?.get("code") ?? OK;
  const response = denied === undefined && code === OK ? readAllow(ok) : readDeny(denied);
  if (isEvaluationError(response) || dynamicMetadata === undefined) return response;
  return { ...response, dynamicMetadata };
}

function readAllow(ok: CelMessage | undefined): AllowResponse | EvaluationError {
  const requestHeaders = readHeaders(ok, "headers");
  if (isEvaluationError(requestHeaders)) return requestHeaders;
  const responseHeaders = readHeaders(ok, "response_headers_to_add");
  if (isEvaluationError(responseHeaders)) return responseHeaders;
  const removedHeaders = textsAt(ok, "headers_to_remove").map((name) => name.toLowerCase());
  for (const name of removedHeaders) {
    const refusal = refuseHeaderName(name);
    if (refusal !== undefined) return valueError(refusal);
  }
  return {
    kind: "allow",
    requestHeaders,
    removedHeaders,
    responseHeaders,
    queryParameters: messagesAt(ok, "query_parameters_to_set").map((parameter) => ({
      name: textAt(parameter, "key"),
      value: textAt(parameter, "value"),
    })),
    removedQueryParameters: textsAt(ok, "query_parameters_to_remove"),
  };
}

/** The status of a denial that names none (envoy.type.v3.StatusCode). */
const FORBIDDEN = 403;

function readDeny(denied: CelMessage | undefined): DenyResponse | EvaluationError {
  const headers = readHeaders(denied, "headers");
  if (isEvaluationError(headers)) return headers;
  const given = denied && messageAt(denied, "status")?.get("code");
  const status = typeof given === "bigint" && given !== 0n ? Number(given) : FORBIDDEN;
  if (!isFinalStatus(status)) return valueError(`${status} is not a status from 200 to 599`);
  return {
    kind: "deny",
    status,
    headers,
    body: denied === undefined ? "" : textAt(denied, "body"),
  };
}

function readHeaders(
  message: CelMessage | undefined,
  field: string,
): readonly HeaderChange[] | EvaluationError {
  const changes: HeaderChange[] = [];
  for (const option of messagesAt(message, field)) {
    const change = readHeader(option);
    if (isEvaluationError(change)) return change;
    changes.push(change);
  }
  return changes;
}

/**
 * A header replaces what the client sent under its name, unless the policy asks for appending (`append`): with Envoy's own
 * default a client's header would stay beside the policy's.
 */
function readHeader(option: CelMessage): HeaderChange | EvaluationError {
  const header = messageAt(option, "header");
  const name = header === undefined ? "" : textAt(header, "key").toLowerCase();
  const value = header === undefined ? "" : textAt(header, "value");
  const refusal = refuseHeaderName(name) ?? refuseHeaderValue(value);
  if (refusal !== undefined) return valueError(refusal);
  const action = option.get("append_action");
  if (action === ADD_IF_ABSENT || action === OVERWRITE_IF_EXISTS) {
    return valueError("a header is either set or appended: no other append_action is known");
  }
  return { name, value, action: option.get("append") === true ? "append" : "set" };
}

function messageAt(message: CelMessage, field: string): CelMessage | undefined {
  const value = message.has(field) ? message.get(field) : undefined;
  return value instanceof CelMessage ? value : undefined;
}

function listAt(message: CelMessage | undefined, field: string): readonly CelValue[] {
  const value = message?.get(field);
  return isList(value) ? value : [];
}

function messagesAt(message: CelMessage | undefined, field: string): readonly CelMessage[] {
  return listAt(message, field).filter((value) => value instanceof CelMessage);
}

function textsAt(message: CelMessage | undefined, field: string): readonly string[] {
  return listAt(message, field).filter((value) => typeof value === "string");
}

function textAt(message: CelMessage, field: string): string {
  const value = message.get(field);
  return typeof value === "string" ? value : "";
}
