import type { GrpcStatusCode } from "../grpc-transport.ts";
import { encodeHeaders, type HeaderEntry } from "../hpack/encoder.ts";
import { buildHeadersFrame } from "../http2/frames.ts";
import { encodeGrpcMessage } from "./message.ts";

const maxRememberedAnswers = 100;

const headEntries: readonly HeaderEntry[] = [
  [":status", "200"],
  ["content-type", "application/grpc"],
];

/** The compressions that a request may use. */
export const acceptedEncodings = "identity,gzip";

/** The frame that stands before the messages of a call. */
export const headFrame: Uint8Array = buildHeadersFrame(encodeHeaders(headEntries), false);

/** The frame that ends a call that went well. */
export const okFrame: Uint8Array = buildTrailers(0, "");

/** Returns the frame that ends a call after its messages. */
export function buildTrailers(status: GrpcStatusCode, details: string): Uint8Array {
  return buildHeadersFrame(encodeHeaders(statusEntries(status, details)), true);
}

/** Returns the frame that is the whole answer of a call without a message ("Trailers-Only"). */
export function buildTrailersOnly(
  status: GrpcStatusCode,
  details: string,
  more: readonly HeaderEntry[] = [],
): Uint8Array {
  const entries = [...headEntries, ...statusEntries(status, details), ...more];
  return buildHeadersFrame(encodeHeaders(entries), true);
}

/** Returns {@link buildTrailersOnly} with a memory of the last hundred answers: servers repeat themselves. */
export function createTrailersOnly(): (status: GrpcStatusCode, details: string) => Uint8Array {
  const known = new Map<string, Uint8Array>();
  return (status, details) => {
    const key = `${status} ${details}`;
    const found = known.get(key);
    if (found !== undefined) return found;
    if (known.size >= maxRememberedAnswers) known.clear();
    const frame = buildTrailersOnly(status, details);
    known.set(key, frame);
    return frame;
  };
}

function statusEntries(status: GrpcStatusCode, details: string): readonly HeaderEntry[] {
  const entry = ["grpc-status", String(status)] as const;
  return details === "" ? [entry] : [entry, ["grpc-message", encodeGrpcMessage(details)]];
}
