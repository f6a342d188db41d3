import { fromBinary } from "@bufbuild/protobuf";
import {
  type CheckRequest,
  CheckRequestSchema,
} from "../../gen/envoy/service/auth/v3/external_auth_pb.ts";
import type { CheckInput } from "../../model/check-input.ts";
import type { NormalizeOptions } from "../../payload/normalize-options.ts";
import { RequestError } from "../../payload/request-error.ts";
import { normalizeAttributes } from "./attributes-json.ts";
import { isWellNested } from "./check-nesting.ts";
import { dropUnreadMetadata } from "./drop-metadata.ts";

/** All of the fields of `AttributeContext`. */
const everyField = -1;

/**
 * Returns what policies judge, from the bytes of any `envoy.service.auth.v3.CheckRequest`, or why it cannot be judged.
 * Never throws: what a client can cause has to end in a deny.
 *
 * It goes by the generated types: slower than the lean reader and complete, so it decides whatever that one leaves.
 *
 * @param attributes the fields of `AttributeContext` that are read, a bit each: other metadata is not looked into
 */
export function normalizeBySchema(
  message: Uint8Array,
  options: NormalizeOptions,
  attributes: number = everyField,
): CheckInput | RequestError {
  const bytes = dropUnreadMetadata(message, attributes);
  if (!isWellNested(bytes, CheckRequestSchema, options.maxDepth)) {
    return new RequestError(
      "REQUEST_MALFORMED",
      "a field overruns its message, or has another type",
    );
  }
  const request = decode(bytes, options.maxDepth);
  return request instanceof RequestError
    ? request
    : normalizeRequest(request, message.byteLength, options);
}

/** Gives the codec's reason where it refuses the bytes. */
function decode(bytes: Uint8Array, recursionLimit: number): CheckRequest | RequestError {
  try {
    return fromBinary(CheckRequestSchema, bytes, { readUnknownFields: false, recursionLimit });
  } catch (error) {
    return readError(error);
  }
}

function normalizeRequest(
  request: CheckRequest,
  sizeBytes: number,
  options: NormalizeOptions,
): CheckInput | RequestError {
  const { attributes } = request;
  if (options.requireHttp && attributes?.request?.http === undefined) {
    return new RequestError("REQUEST_WITHOUT_HTTP");
  }
  const payload = attributes === undefined ? {} : normalizeAttributes(attributes, options);
  return payload instanceof RequestError ? payload : { payload, sizeBytes };
}

/** The codec tells its reasons apart by class and text only; whatever is not recognised is malformed. */
function readError(error: unknown): RequestError {
  if (!(error instanceof Error)) return new RequestError("REQUEST_MALFORMED");
  if ("code" in error && error.code === "ERR_ENCODING_INVALID_ENCODED_DATA") {
    return new RequestError("REQUEST_INVALID_UTF8");
  }
  if (error.message.includes("recursion depth")) return new RequestError("REQUEST_TOO_DEEP");
  // The class alone: a message may hold what was in the request.
  return new RequestError("REQUEST_MALFORMED", `the codec gave up: ${error.name}`);
}
