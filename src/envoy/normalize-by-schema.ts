import { fromBinary } from "@bufbuild/protobuf";
import {
  type CheckRequest,
  CheckRequestSchema,
} from "../gen/envoy/service/auth/v3/external_auth_pb.ts";
import type { CheckInput } from "../model/check-input.ts";
import { normalizeAttributes } from "./attributes-json.ts";
import type { NormalizeOptions } from "./normalize-options.ts";
import { RequestError } from "./request-error.ts";

/**
 * What policies judge, from the bytes of any `envoy.service.auth.v3.CheckRequest`, or why it cannot be judged.
 * Never throws: what a client can cause has to end in a deny.
 *
 * It goes by the generated types: slower than the lean reader and complete, so it decides whatever that one leaves.
 */
export function normalizeBySchema(
  message: Uint8Array,
  options: NormalizeOptions,
): CheckInput | RequestError {
  try {
    const request = fromBinary(CheckRequestSchema, message, {
      readUnknownFields: false,
      recursionLimit: options.maxDepth,
    });
    return normalizeRequest(request, message.byteLength, options);
  } catch (error) {
    return new RequestError(readErrorCode(error));
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
function readErrorCode(
  error: unknown,
): "REQUEST_INVALID_UTF8" | "REQUEST_TOO_DEEP" | "REQUEST_MALFORMED" {
  if (!(error instanceof Error)) {
    return "REQUEST_MALFORMED";
  }
  if ("code" in error && error.code === "ERR_ENCODING_INVALID_ENCODED_DATA") {
    return "REQUEST_INVALID_UTF8";
  }
  return error.message.includes("recursion depth") ? "REQUEST_TOO_DEEP" : "REQUEST_MALFORMED";
}
