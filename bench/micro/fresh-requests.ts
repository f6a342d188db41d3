import { normalizeCheckRequest } from "../../src/envoy/check-request/normalize-check-request.ts";
import { buildCheckRequest, type CheckSpec } from "../../src/grpc-client/check-spec.ts";
import type { CheckInput } from "../../src/model/check-input.ts";
import { defaultNormalizeOptions } from "../../src/payload/normalize-options.ts";
import { RequestError } from "../../src/payload/request-error.ts";
import { mintToken } from "../../test/support/tokens.ts";

let calls = 0;

/**
 * Returns a request as Envoy sends it, 1.1 KB and 15 headers, that nobody has seen before: its id, time and port are new, and so
 * is every string in it, as they are when they come from a socket.
 */
export function freshRequest(method: string, path: string, token: string): CheckInput {
  const bytes = freshMessage({ method, path, headers: bearer(token), allowed: true });
  const input = normalizeCheckRequest(bytes, defaultNormalizeOptions);
  if (input instanceof RequestError) throw new Error(`not a request: ${input.code}`);
  return input;
}

/** Returns the bytes of a request that nobody has seen before. */
export function freshMessage(spec: CheckSpec): Uint8Array {
  calls += 1;
  return buildCheckRequest(spec, {
    idDigits: String(calls).padStart(10, "0"),
    requestIdDigits: calls.toString(16).padStart(8, "0"),
    seconds: 1_767_225_600 + calls,
    nanos: calls,
    sourcePort: 32_768 + (calls % 28_000),
  });
}

/** Returns the header that bears a token. */
export function bearer(token: string): CheckSpec["headers"] {
  return { authorization: `Bearer ${token}` };
}

/** Returns a token for the seed's policy; another number is another token. */
export function bookToken(role: string, reader: number): string {
  return mintToken({
    claims: {
      iss: "https://login.example.com/realms/books",
      aud: "books",
      sub: `5b1d0c7e-8f5a-4d0e-9a3c-${String(reader).padStart(12, "0")}`,
      preferred_username: `reader-${reader}`,
      role,
      iat: 1_767_225_600,
      exp: 4_102_444_800,
    },
  });
}
