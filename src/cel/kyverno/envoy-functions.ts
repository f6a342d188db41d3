import { isEvaluationError } from "../../model/evaluation-error.ts";
import { charge, chargeElements } from "../../model/step-limit.ts";
import {
  type CelFunction,
  define,
  defineMethod,
  mapOf,
  messageOf,
  types,
} from "../functions/define.ts";
import type { Frame } from "../functions/frame.ts";
import { BuiltMessage } from "../messages/built-message.ts";
import type { ProtobufShape, ProtobufTypes } from "../messages/protobuf-types.ts";
import { valueError } from "../values/errors.ts";
import { CelMessage } from "../values/message.ts";
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

/** Builds messages, and copies of messages with a change: the receiver of a builder call stays as it is. */
class MessageBuilder {
  readonly #messages: ProtobufTypes;
  readonly #statuses = new Map<bigint, CelResult>();

  constructor(messages: ProtobufTypes) {
    this.#messages = messages;
  }

  build(frame: Frame, name: string, fields: Fields): CelResult {
    const unpaid = charge(frame.budget, bytesPerBuild);
    return unpaid ?? BuiltMessage.create(this.#shape(name), new Map(Object.entries(fields)));
  }

  /** Returns the message with one field changed, whatever it was built by. */
  change(
    frame: Frame,
    message: CelMessage,
    field: string,
    update: (before: CelValue) => CelResult,
  ): CelResult {
    const before = message.get(field);
    if (before === undefined) return valueError("no such field");
    const value = isEvaluationError(before) ? before : update(before);
    if (isEvaluationError(value)) return value;
    const unpaid = charge(frame.budget, bytesPerBuild);
    if (unpaid !== undefined) return unpaid;
    const fields = new Map([...message.setFields(), [field, value]]);
    return BuiltMessage.create(this.#shape(message.typeName), fields);
  }

  /** Returns the message with an element more in a list. */
  append(frame: Frame, message: CelMessage, field: string, added: CelResult): CelResult {
    if (isEvaluationError(added)) return added;
    return this.change(frame, message, field, (before) => {
      const list = isList(before) ? before : [];
      return chargeElements(frame.budget, list.length) ?? [...list, added];
    });
  }

  header(frame: Frame, key: string, value: string): CelResult {
    const pair = this.build(frame, "envoy.config.core.v3.HeaderValue", { key, value });
    return isEvaluationError(pair) ? pair : this.build(frame, headerOptionName, { header: pair });
  }

  respond(frame: Frame, code: bigint, fields: Fields): CelResult {
    let status = this.#statuses.get(code);
    if (status === undefined) {
      status = this.build(frame, "google.rpc.Status", { code });
      // Never changed, as no message is: all responses may share it.
      if (!isEvaluationError(status)) this.#statuses.set(code, status);
    }
    return isEvaluationError(status)
      ? status
      : this.build(frame, responseName, { status, ...fields });
  }

  #shape(name: string): ProtobufShape {
    const found = this.#messages.messageShape(name);
    if (found === undefined) throw new Error(`message type ${name} is not among the descriptors`);
    return found;
  }
}

/** Returns the functions that build Envoy's answers. */
export function createEnvoyFunctions(messages: ProtobufTypes): readonly CelFunction[] {
  const builder = new MessageBuilder(messages);
  return [
    ...headerFunctions(builder),
    ...allowFunctions(builder),
    ...denyFunctions(builder),
    ...responseFunctions(builder),
  ];
}

/** The two forms of adding a header: name and value, or an option built before. */
function adding(
  builder: MessageBuilder,
  name: string,
  receiver: typeof ok,
  field: string,
): readonly CelFunction[] {
  return [
    defineMethod(name, [receiver, string, string], receiver, (frame, message, key, value) =>
      builder.append(frame, message, field, builder.header(frame, key, value)),
    ),
    defineMethod(name, [receiver, headerOption], receiver, (frame, message, option) =>
      builder.append(frame, message, field, option),
    ),
  ];
}

function headerFunctions(builder: MessageBuilder): readonly CelFunction[] {
  const set = (name: string, field: string): readonly CelFunction[] => [
    defineMethod(name, [headerOption], headerOption, (frame, option) =>
      builder.change(frame, option, field, () => true),
    ),
    defineMethod(name, [headerOption, bool], headerOption, (frame, option, value) =>
      builder.change(frame, option, field, () => value),
    ),
  ];
  return [
    define("envoy.Header", [string, string], headerOption, (frame, key, value) =>
      builder.header(frame, key, value),
    ),
    ...set("KeepEmptyValue", "keep_empty_value"),
    // Not in the original, which has no way to keep what a client sent.
    ...set("Append", "append"),
  ];
}

function allowFunctions(builder: MessageBuilder): readonly CelFunction[] {
  const parameter = (frame: Frame, key: string, value: string): CelResult =>
    builder.build(frame, queryParameterName, { key, value });
  const toSet = "query_parameters_to_set";
  return [
    define("envoy.Allowed", [], ok, (frame) => builder.build(frame, okName, {})),
    define("envoy.QueryParam", [string, string], queryParameter, parameter),
    ...adding(builder, "WithHeader", ok, "headers"),
    ...adding(builder, "WithResponseHeader", ok, "response_headers_to_add"),
    defineMethod("WithoutHeader", [ok, string], ok, (frame, message, name) =>
      builder.append(frame, message, "headers_to_remove", name),
    ),
    defineMethod("WithQueryParam", [ok, string, string], ok, (frame, message, key, value) =>
      builder.append(frame, message, toSet, parameter(frame, key, value)),
    ),
    defineMethod("WithQueryParam", [ok, queryParameter], ok, (frame, message, added) =>
      builder.append(frame, message, toSet, added),
    ),
    defineMethod("WithoutQueryParam", [ok, string], ok, (frame, message, name) =>
      builder.append(frame, message, "query_parameters_to_remove", name),
    ),
  ];
}

function denyFunctions(builder: MessageBuilder): readonly CelFunction[] {
  return [
    define("envoy.Denied", [int], denied, (frame, code) => {
      const status = builder.build(frame, "envoy.type.v3.HttpStatus", { code });
      return isEvaluationError(status) ? status : builder.build(frame, deniedName, { status });
    }),
    ...adding(builder, "WithHeader", denied, "headers"),
    defineMethod("WithBody", [denied, string], denied, (frame, message, body) =>
      builder.change(frame, message, "body", () => body),
    ),
  ];
}

function responseFunctions(builder: MessageBuilder): readonly CelFunction[] {
  return [
    defineMethod("Response", [ok], response, (frame, message) =>
      builder.respond(frame, 0n, { ok_response: message }),
    ),
    defineMethod("Response", [denied], response, (frame, message) =>
      builder.respond(frame, 7n, { denied_response: message }),
    ),
    defineMethod("WithMessage", [response, string], response, (frame, message, text) => {
      if (!message.has("status")) return valueError("the response has no status");
      return builder.change(frame, message, "status", (status) =>
        status instanceof CelMessage
          ? builder.change(frame, status, "message", () => text)
          : valueError("the response has no status"),
      );
    }),
    defineMethod(
      "WithMetadata",
      [response, mapOf(string, dyn)],
      response,
      (frame, message, metadata) =>
        builder.change(frame, message, "dynamic_metadata", () => toStruct(metadata, frame.budget)),
    ),
  ];
}
