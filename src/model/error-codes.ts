/**
 * Every code an error of ours can carry, one closed union. `docs/errors.md` lists the same codes.
 */

/** A reason why an expression or an assertion tree could not be evaluated; the request is denied. */
export type EvaluationErrorCode =
  | "EVALUATION_SYNTAX"
  | "EVALUATION_UNKNOWN_FUNCTION"
  | "EVALUATION_ARITY"
  | "EVALUATION_TYPE"
  | "EVALUATION_UNDEFINED_VARIABLE"
  | "EVALUATION_JWT"
  | "EVALUATION_VALUE"
  | "EVALUATION_PANIC"
  | "EVALUATION_OTHER"
  | "EVALUATION_STEP_LIMIT"
  | "EVALUATION_BYTE_LIMIT"
  | "EVALUATION_DEPTH_LIMIT"
  | "EVALUATION_SIZE_LIMIT"
  | "EVALUATION_CALL_LIMIT"
  | "EVALUATION_PENDING";

/** A reason why a policy is refused, or warned about, when it is loaded. */
export type PolicyErrorCode =
  | "POLICY_NOT_FOUND"
  | "POLICY_UNREADABLE"
  | "POLICY_EMPTY"
  | "POLICY_TOO_LARGE"
  | "POLICY_YAML"
  | "POLICY_DOCUMENT_SEPARATOR"
  | "POLICY_DUPLICATE_KEY"
  | "POLICY_ALIAS_LIMIT"
  | "POLICY_KIND"
  | "POLICY_UNKNOWN_FIELD"
  | "POLICY_SCHEMA"
  | "POLICY_NAME"
  | "POLICY_DUPLICATE_NAME"
  | "POLICY_EXPRESSION_SYNTAX"
  | "POLICY_EXPRESSION_TYPE"
  | "POLICY_UNKNOWN_FUNCTION"
  | "POLICY_ARITY"
  | "POLICY_CONSTANT"
  | "POLICY_UNDEFINED_VARIABLE"
  | "POLICY_EMPTY_MATCH"
  | "POLICY_EMPTY_ASSERT"
  | "POLICY_MISUSE"
  | "POLICY_ANSWER"
  | "POLICY_IGNORED_FIELD"
  | "POLICY_EXCEPTION"
  | "POLICY_DOOR"
  | "POLICY_KEY"
  | "POLICY_RAW_HOST";

/** A reason why a request cannot be judged; what a client can cause is denied with status 400. */
export type RequestErrorCode =
  | "REQUEST_MALFORMED"
  | "REQUEST_WITHOUT_HTTP"
  | "REQUEST_INVALID_UTF8"
  | "REQUEST_TOO_LARGE"
  | "REQUEST_TOO_MANY_HEADERS"
  | "REQUEST_TOO_DEEP"
  | "REQUEST_AMBIGUOUS_PATH";

/** A reason why the pool gave no decision; the client gets an error, never an allow. */
export type PoolErrorCode =
  | "POOL_QUEUE_FULL"
  | "POOL_DEADLINE"
  | "POOL_ABANDONED"
  | "POOL_WORKER_LOST"
  | "POOL_NOT_READY"
  | "POOL_CLOSED"
  | "POOL_INTERNAL";
