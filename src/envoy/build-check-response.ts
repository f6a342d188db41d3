import {
  create,
  type JsonValue as ProtobufJson,
  type JsonObject as ProtobufJsonObject,
  toBinary,
} from "@bufbuild/protobuf";
import { HeaderValueOption_HeaderAppendAction } from "../gen/envoy/config/core/v3/base_pb.ts";
import {
  type CheckResponse,
  CheckResponseSchema,
  DeniedHttpResponseSchema,
} from "../gen/envoy/service/auth/v3/external_auth_pb.ts";
import { StatusCode } from "../gen/envoy/type/v3/http_status_pb.ts";
import {
  type AllowResponse,
  type DecisionResponse,
  type DenyResponse,
  type HeaderChange,
  isFinalStatus,
} from "../model/decision-response.ts";
import { isJsonObject, type JsonObject, type JsonValue } from "../model/json.ts";
import { encodeVarint } from "./encode-varint.ts";
import { tagOf } from "./wire-tags.ts";

/** A denial as Envoy passes it on to the client. */
export interface Denial {
  /** `forbidden`: code 7, HTTP 403; `bad-request`: code 3, HTTP 400; `unavailable`: code 7, HTTP 503 with `Retry-After`. */
  readonly kind: "forbidden" | "bad-request" | "unavailable";
  /** May be empty; what is not UTF-8 (lone surrogates inside the engine) becomes U+FFFD. */
  readonly body: string;
  /** Whether a body is declared to be text; the original engine declares nothing. */
  readonly contentType: boolean;
  /** The answer that a policy has for the client; its body, if any, is `body` already. */
  readonly response?: DenyResponse;
}

/** `{ status: { code: 0 } }`: the only answer that lets a request pass. */
const allowResponse = toBinary(CheckResponseSchema, create(CheckResponseSchema, { status: {} }));

const plainText = header("content-type", "text/plain; charset=utf-8");

/** What denials of a kind have in common: everything in front of `denied_response`, and everything in it but the body. */
interface DenialTemplate {
  readonly status: Uint8Array;
  readonly bare: Uint8Array;
  readonly typed: Uint8Array;
}

const templates: { readonly [Kind in Denial["kind"]]: DenialTemplate } = {
  forbidden: createTemplate(7, StatusCode.Forbidden),
  "bad-request": createTemplate(3, StatusCode.BadRequest),
  unavailable: createTemplate(7, StatusCode.ServiceUnavailable, [header("retry-after", "1")]),
};

/** The status of a decision that denies (google.rpc.Code). */
const PERMISSION_DENIED = 7;

const deniedResponseTag = encodeVarint(tagOf(CheckResponseSchema.field.deniedResponse));
const bodyTag = encodeVarint(tagOf(DeniedHttpResponseSchema.field.body));

/** Returns the bytes of the `CheckResponse` that lets a request pass: not to be changed, for all plain ones are the same. */
export function buildAllowResponse(response?: AllowResponse): Uint8Array {
  if (response === undefined) return allowResponse;
  const okResponse = {
    headers: response.requestHeaders.map(headerOf),
    headersToRemove: [...response.removedHeaders],
    responseHeadersToAdd: response.responseHeaders.map(headerOf),
    queryParametersToSet: response.queryParameters.map(({ name, value }) => ({ key: name, value })),
    queryParametersToRemove: [...response.removedQueryParameters],
  };
  const message = create(CheckResponseSchema, {
    status: {},
    httpResponse: { case: "okResponse", value: okResponse },
  });
  return encode(message, response);
}

/** Returns the bytes of the `CheckResponse` that turns a request away. */
export function buildDenyResponse(denial: Denial): Uint8Array {
  const { response } = denial;
  return response === undefined || isPlain(response)
    ? buildPlainDenial(denial)
    : buildOwnDenial(denial, response);
}

/** Returns whether an answer is what every denial by a policy is, its body apart: the templates have its bytes. */
function isPlain({ status, headers, dynamicMetadata }: DenyResponse): boolean {
  return status === 403 && headers.length === 0 && dynamicMetadata === undefined;
}

function buildOwnDenial({ body, contentType }: Denial, response: DenyResponse): Uint8Array {
  const { status, headers } = response;
  const isTyped = headers.some(({ name }) => name.toLowerCase() === "content-type");
  const declared = contentType && body !== "" && !isTyped ? [plainText] : [];
  const deniedResponse = {
    status: { code: isStatusCode(status) ? status : StatusCode.Forbidden },
    headers: [...denialHeaders(headers), ...declared],
    body,
  };
  const message = create(CheckResponseSchema, {
    status: { code: PERMISSION_DENIED },
    httpResponse: { case: "deniedResponse", value: deniedResponse },
  });
  return encode(message, response);
}

/**
 * The headers of an answer of Envoy's own: it has none yet, so the first of a name is set. Envoy leaves out further ones with
 * `append: true`, and adds them by their action alone (seen with 1.40; up to 1.36 the last one counts).
 */
function denialHeaders(changes: readonly HeaderChange[]): readonly HeaderOption[] {
  const known = new Set<string>();
  return changes.map(({ name, value, action }) => {
    const isFirst = !known.has(name);
    known.add(name);
    if (isFirst || action === "set") return header(name, value);
    const { append: _, ...added } = header(name, value, action);
    return added;
  });
}

function encode(message: CheckResponse, { dynamicMetadata }: DecisionResponse): Uint8Array {
  if (dynamicMetadata !== undefined) message.dynamicMetadata = copyObject(dynamicMetadata);
  return toBinary(CheckResponseSchema, message);
}

function buildPlainDenial({ kind, body, contentType }: Denial): Uint8Array {
  const { status, bare, typed } = templates[kind];
  if (body === "") {
    const head = [...deniedResponseTag, ...encodeVarint(bare.length)];
    return Buffer.concat([status, Uint8Array.from(head), bare]);
  }
  const text = Buffer.from(body, "utf8");
  const template = contentType ? typed : bare;
  const bodyHead = [...bodyTag, ...encodeVarint(text.length)];
  const length = template.length + bodyHead.length + text.length;
  const head = [...deniedResponseTag, ...encodeVarint(length)];
  return Buffer.concat([status, Uint8Array.from(head), template, Uint8Array.from(bodyHead), text]);
}

function createTemplate(
  code: 3 | 7,
  httpStatus: StatusCode,
  headers: readonly ReturnType<typeof header>[] = [],
): DenialTemplate {
  const status = { code: httpStatus };
  const encodeDenied = (all: ReturnType<typeof header>[]): Uint8Array =>
    toBinary(DeniedHttpResponseSchema, create(DeniedHttpResponseSchema, { status, headers: all }));
  return {
    status: toBinary(CheckResponseSchema, create(CheckResponseSchema, { status: { code } })),
    bare: encodeDenied([...headers]),
    typed: encodeDenied([...headers, plainText]),
  };
}

/** The enum is open (proto3): Envoy sends any status on. */
function isStatusCode(status: number): status is StatusCode {
  return isFinalStatus(status);
}

function copyObject(object: JsonObject): ProtobufJsonObject {
  return Object.fromEntries(Object.entries(object).map(([key, value]) => [key, copyJson(value)]));
}

function copyJson(value: JsonValue): ProtobufJson {
  if (isJsonObject(value)) return copyObject(value);
  return typeof value === "object" && value !== null ? value.map(copyJson) : value;
}

function headerOf({ name, value, action }: HeaderChange) {
  return header(name, value, action);
}

type HeaderOption = Pick<ReturnType<typeof header>, "header" | "appendAction"> & {
  append?: boolean;
};

/** A header, in both ways to say what becomes of others of its name: Envoy up to 1.36 reads `append`, later ones the action, whose default appends. */
function header(key: string, value: string, action: HeaderChange["action"] = "set") {
  const { APPEND_IF_EXISTS_OR_ADD, OVERWRITE_IF_EXISTS_OR_ADD } =
    HeaderValueOption_HeaderAppendAction;
  return {
    header: { key, value },
    append: action === "append",
    appendAction: action === "append" ? APPEND_IF_EXISTS_OR_ADD : OVERWRITE_IF_EXISTS_OR_ADD,
  };
}
