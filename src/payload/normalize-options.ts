import type { PathPolicy } from "../model/request-path.ts";

/** Bounds on a request, and what it has to carry. What is over a bound is a bad request, so a deny. */
export interface NormalizeOptions {
  /** How many header lines a request may have. */
  readonly maxHeaders: number;
  /** How large a body may be that is shown to policies, in bytes. */
  readonly maxBodyBytes: number;
  /** How deep messages may nest on the wire; one level of JSON in metadata takes two. */
  readonly maxDepth: number;
  /**
   * Whether a request without `attributes.request.http` is a bad one. The original engine judged it by whatever was there,
   * down to an empty payload: `--compat` sets this to false.
   */
  readonly requireHttp: boolean;
  /** What becomes of a path that two readers could take differently. */
  readonly pathPolicy: PathPolicy;
  /** Whether `host` is shown as the client sent it, as the original did: `--compat`. */
  readonly rawHost: boolean;
}

/** The bounds that hold unless an option says otherwise. */
export const defaultNormalizeOptions: NormalizeOptions = {
  maxHeaders: 1_000,
  maxBodyBytes: 1_048_576,
  maxDepth: 200,
  requireHttp: true,
  pathPolicy: "raw",
  rawHost: false,
};
