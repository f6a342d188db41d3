import type { JsonObject } from "./json.ts";

/** One request as policies see it, whatever door it came through. Data only: it crosses to worker threads. */
export interface CheckInput {
  /**
   * The `AttributeContext` in protobuf's JSON form (names in camelCase, unset fields absent, int64 as text,
   * bytes as base64): `{ source, destination, request: { time, http }, contextExtensions, … }`.
   */
  readonly payload: JsonObject;
  /** How large the request was on the wire: what size gates and the dispatcher judge by. */
  readonly sizeBytes: number;
  /** With requests of the HTTP door only: what its policies see beside the payload. */
  readonly http?: HttpDetails;
}

/** A request of the HTTP door beyond its payload. */
interface HttpDetails {
  /** The header lines that the payload shows joined, by lower-case name; absent where no policy reads them. */
  readonly headerLines?: Readonly<Record<string, readonly string[]>>;
}
