import type { Result } from "../../go-values/value.ts";

/** The world outside an expression, as functions see it; tests give a fixed one. */
export interface FunctionEnvironment {
  /** The time, in milliseconds since 1970-01-01T00:00:00Z. */
  readonly nowMs: () => number;
  /** A random number from 0 up to but not including 1. */
  readonly random: () => number;
  /**
   * What `jwt_decode` gives for a token, by the secret: `{ header, payload, sig }` of a valid token, or an error with
   * the code `EVALUATION_JWT`. A decoder can be kept for as long as the environment.
   */
  readonly decoderFor: (secret: string) => (token: string) => Result;
}
