import { create, toBinary } from "@bufbuild/protobuf";
import { HeaderValueOption_HeaderAppendAction } from "../gen/envoy/config/core/v3/base_pb.ts";
import {
  CheckResponseSchema,
  DeniedHttpResponseSchema,
} from "../gen/envoy/service/auth/v3/external_auth_pb.ts";
import { StatusCode } from "../gen/envoy/type/v3/http_status_pb.ts";
import { encodeVarint } from "./encode-varint.ts";

/** A denial as Envoy passes it on to the client. */
export interface Denial {
  /** `forbidden`: code 7, HTTP 403; `bad-request`: code 3, HTTP 400; `unavailable`: code 7, HTTP 503 with `Retry-After`. */
  readonly kind: "forbidden" | "bad-request" | "unavailable";
  /** May be empty; what is not UTF-8 (lone surrogates inside the engine) becomes U+FFFD. */
  readonly body: string;
  /** Whether a body is declared to be text; the original engine declares nothing. */
  readonly contentType: boolean;
}

/** `{ status: { code: 0 } }`: the only answer that lets a request pass. */
const allowResponse = toBinary(CheckResponseSchema, create(CheckResponseSchema, { status: {} }));

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

/** Field numbers 2 (`denied_response`) and, inside it, 3 (`body`), as tags with wire type 2. */
const DENIED_RESPONSE_TAG = 0x12;
const BODY_TAG = 0x1a;

/** The bytes of the `CheckResponse` that lets a request pass: encoded once, not to be changed. */
export function buildAllowResponse(): Uint8Array {
  return allowResponse;
}

/** The bytes of the `CheckResponse` that turns a request away. */
export function buildDenyResponse({ kind, body, contentType }: Denial): Uint8Array {
  const { status, bare, typed } = templates[kind];
  if (body === "") {
    const head = [DENIED_RESPONSE_TAG, ...encodeVarint(bare.length)];
    return Buffer.concat([status, Uint8Array.from(head), bare]);
  }
  const text = Buffer.from(body, "utf8");
  const template = contentType ? typed : bare;
  const bodyHead = [BODY_TAG, ...encodeVarint(text.length)];
  const length = template.length + bodyHead.length + text.length;
  const head = [DENIED_RESPONSE_TAG, ...encodeVarint(length)];
  return Buffer.concat([status, Uint8Array.from(head), template, Uint8Array.from(bodyHead), text]);
}

function createTemplate(
  code: 3 | 7,
  httpStatus: StatusCode,
  headers: readonly ReturnType<typeof header>[] = [],
): DenialTemplate {
  const status = { code: httpStatus };
  const plainText = header("content-type", "text/plain; charset=utf-8");
  const encodeDenied = (all: ReturnType<typeof header>[]): Uint8Array =>
    toBinary(DeniedHttpResponseSchema, create(DeniedHttpResponseSchema, { status, headers: all }));
  return {
    status: toBinary(CheckResponseSchema, create(CheckResponseSchema, { status: { code } })),
    bare: encodeDenied([...headers]),
    typed: encodeDenied([...headers, plainText]),
  };
}

/** A header of the answer to the client, in both ways to say it: Envoy up to 1.36 reads `append`, later ones the action, whose default appends. */
function header(key: string, value: string) {
  return {
    header: { key, value },
    append: false,
    appendAction: HeaderValueOption_HeaderAppendAction.OVERWRITE_IF_EXISTS_OR_ADD,
  };
}
