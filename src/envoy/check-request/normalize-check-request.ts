import type { CheckInput } from "../../model/check-input.ts";
import { type PayloadReads, readsEverything } from "../../model/payload-reads.ts";
import type { NormalizeOptions } from "../../payload/normalize-options.ts";
import { selectionOf } from "../../payload/payload-selection.ts";
import { cutPayload } from "../../payload/prune-payload.ts";
import { RequestError } from "../../payload/request-error.ts";
import { normalizeBySchema } from "./normalize-by-schema.ts";
import { readCheckRequest } from "./read-check-request.ts";

/**
 * Returns what policies with these reads judge, from the bytes of an `envoy.service.auth.v3.CheckRequest`, or why it cannot be judged.
 * Never throws: what a client can cause has to end in a deny.
 *
 * Holds no reference to the bytes. Long texts of the payload may share one copy of the whole message: what outlives
 * the request should be copied.
 */
export function normalizeCheckRequest(
  message: Uint8Array,
  options: NormalizeOptions,
  reads: PayloadReads = readsEverything,
): CheckInput | RequestError {
  const own = readCheckRequest(message, options, reads);
  if (own !== undefined) return own;
  const input = normalizeBySchema(message, options, selectionOf(reads).attributes);
  if (input instanceof RequestError) return input;
  return { payload: cutPayload(input.payload, reads), sizeBytes: input.sizeBytes };
}
