import type { CheckInput } from "../model/check-input.ts";
import { normalizeBySchema } from "./normalize-by-schema.ts";
import type { NormalizeOptions } from "./normalize-options.ts";
import { readCheckRequest } from "./read-check-request.ts";
import type { RequestError } from "./request-error.ts";

/**
 * What policies judge, from the bytes of an `envoy.service.auth.v3.CheckRequest`, or why it cannot be judged.
 * Never throws: what a client can cause has to end in a deny.
 *
 * Holds no reference to the bytes. Long texts of the payload may share one copy of the whole message: what outlives
 * the request should be copied.
 */
export function normalizeCheckRequest(
  message: Uint8Array,
  options: NormalizeOptions,
): CheckInput | RequestError {
  return readCheckRequest(message, options) ?? normalizeBySchema(message, options);
}
