import { isEvaluationError } from "../../model/evaluation-error.ts";
import { charge } from "../../model/step-limit.ts";
import type { Frame } from "../compile/frame.ts";
import {
  type CelFunction,
  define,
  defineMethod,
  mapOf,
  messageOf,
  types,
} from "../functions/define.ts";
import { valueError } from "../functions/errors.ts";
import { BuiltMessage } from "../messages/built-message.ts";
import type { ProtobufShape, ProtobufTypes } from "../messages/protobuf-types.ts";
import type { CelMessage } from "../values/message.ts";
import { type CelResult, type CelValue, isList } from "../values/value.ts";
import { toStruct } from "./struct-value.ts";

const { bool, int, string, dyn } = types;

const responseName = "envoy.service.auth.v3.CheckResponse";
const okName = "envoy.service.auth.v3.OkHttpResponse";
const deniedName = "envoy.service.auth.v3.DeniedHttpResponse";
const headerOptionName = "envoy.config.core.v3.HeaderValueOption";
const queryParameterName = "envoy.config.core.v3.QueryParameter";

const response = messageOf(responseName);
const ok = messageOf(okName);
const denied = messageOf(deniedName);
const headerOption = messageOf(headerOptionName);
const queryParameter = messageOf(queryParameterName);

/** Bytes that one builder call is counted as. */
const bytesPerBuild = 256;

type Fields = Readonly<Record<string, CelValue>>;

/**
 * Returns the functions that build Envoy's answers. Each gives a new message: the receiver stays as it is.
 */
export function createEnvoyFunctions(messages: ProtobufTypes): readonly CelFunction[] {
  const shape = (name: string): ProtobufShape => {
    const found = messages.shape(name);
    if (found === undefined) throw new Error(`message type ${name} is not among the descriptors`);
    return found;
  };
  const build = (frame: Frame, name: string, fields: Fields): CelResult =>
    charge(frame.budget, bytesPerBuild) ??
    BuiltMessage.create(shape(name), new Map(Object.entries(fields)));

  /** Returns the message with one field changed, whatever it was built by. */
  const change = (
    frame: Frame,
    message: CelMessage,
    field: string,
    update: (before: CelValue) => CelResult,
  ): CelResult => {
    const before = message.get(field);
    if (before === undefined || isEvaluationError(before))
      return before ?? valueError("no such field");
    const value = update(before);
    if (isEvaluationError(value)) return value;
    const unpaid = charge(frame.budget, bytesPerBuild);
    if (unpaid !== undefined) return unpaid;
    const fields = new Map([...message.setFields(), [field, value]]);
    return BuiltMessage.create(shape(message.typeName), fields);
  };
  const append = (frame: Frame, message: CelMessage, field: string, added: CelResult): CelResult =>
    isEvaluationError(added)
      ? added
      : change(frame, message, field, (before) => [...(isList(before) ? before : []), added]);
  const header = (frame: Frame, key: string, value: string): CelResult => {
    const pair = build(frame, "envoy.config.core.v3.HeaderValue", { key, value });
    return isEvaluationError(pair) ? pair : build(frame, headerOptionName, { header: pair });
  };

  /** The two forms of adding a header: name and value, or an option built before. */
  const adding = (name: string, receiver: typeof ok, field: string): readonly CelFunction[] => [
    defineMethod(name, [receiver, string, string], receiver, (frame, message, key, value) =>
      append(frame, message, field, header(frame, key, value)),
    ),
    defineMethod(name, [receiver, headerOption], receiver, (frame, message, option) =>
      append(frame, message, field, option),
    ),
  ];
  const respond = (frame: Frame, code: bigint, fields: Fields): CelResult => {
    const status = build(frame, "google.rpc.Status", { code });
    return isEvaluationError(status) ? status : build(frame, responseName, { status, ...fields });
  };

  return [
    define("envoy.Allowed", [], ok, (frame) => build(frame, okName, {})),
    define("envoy.Denied", [int], denied, (frame, code) => {
      const status = build(frame, "envoy.type.v3.HttpStatus", { code });
      return isEvaluationError(status) ? status : build(frame, deniedName, { status });
    }),
    define("envoy.Header", [string, string], headerOption, header),
    define("envoy.QueryParam", [string, string], queryParameter, (frame, key, value) =>
      build(frame, queryParameterName, { key, value }),
    ),
    ...adding("WithHeader", ok, "headers"),
    ...adding("WithHeader", denied, "headers"),
    ...adding("WithResponseHeader", ok, "response_headers_to_add"),
    defineMethod("WithoutHeader", [ok, string], ok, (frame, message, name) =>
      append(frame, message, "headers_to_remove", name),
    ),
    defineMethod("WithQueryParam", [ok, string, string], ok, (frame, message, key, value) =>
      append(
        frame,
        message,
        "query_parameters_to_set",
        build(frame, queryParameterName, { key, value }),
      ),
    ),
    defineMethod("WithQueryParam", [ok, queryParameter], ok, (frame, message, parameter) =>
      append(frame, message, "query_parameters_to_set", parameter),
    ),
    defineMethod("WithoutQueryParam", [ok, string], ok, (frame, message, name) =>
      append(frame, message, "query_parameters_to_remove", name),
    ),
    defineMethod("WithBody", [denied, string], denied, (frame, message, body) =>
      change(frame, message, "body", () => body),
    ),
    defineMethod("KeepEmptyValue", [headerOption], headerOption, (frame, option) =>
      change(frame, option, "keep_empty_value", () => true),
    ),
    defineMethod("KeepEmptyValue", [headerOption, bool], headerOption, (frame, option, keep) =>
      change(frame, option, "keep_empty_value", () => keep),
    ),
    defineMethod("Response", [ok], response, (frame, message) =>
      respond(frame, 0n, { ok_response: message }),
    ),
    defineMethod("Response", [denied], response, (frame, message) =>
      respond(frame, 7n, { denied_response: message }),
    ),
    defineMethod("WithMessage", [response, string], response, (frame, message, text) => {
      if (!message.has("status")) return valueError("the response has no status");
      return change(frame, message, "status", (status) =>
        change(frame, status as CelMessage, "message", () => text),
      );
    }),
    defineMethod(
      "WithMetadata",
      [response, mapOf(string, dyn)],
      response,
      (frame, message, metadata) =>
        change(frame, message, "dynamic_metadata", () => toStruct(metadata, frame.budget)),
    ),
  ];
}
