import { defaultEvaluationLimits, defaultJwtCacheOptions } from "../model/limits.ts";
import { pathPolicies } from "../model/request-path.ts";
import { httpRows } from "./http-options.ts";
import { choice, choices, integer, type OptionRow, text } from "./option-row.ts";
import { transportRows } from "./transport-options.ts";

const policyRows: readonly OptionRow[] = [
  {
    name: "policy",
    type: { kind: "list" },
    placeholder: "PATH",
    help: "file or folder with policies; repeatable, or separated by commas (required)",
    group: "Policies",
  },
  {
    name: "reload-interval-ms",
    type: integer(0),
    fallback: "2000",
    placeholder: "N",
    help: "how often to look whether policy files have changed; 0 = only on SIGHUP",
    group: "Policies",
  },
  {
    name: "allow-removal",
    type: { kind: "flag" },
    fallback: "false",
    placeholder: "",
    help: "policies that are gone from all files stop serving without a SIGUSR2",
    group: "Policies",
  },
  {
    name: "compat",
    type: choices("none", "kyverno-envoy-plugin", "kyverno-authz"),
    fallback: "none",
    placeholder: "MODE",
    help: "answer as the original did where its defaults are less safe; repeatable, one for each language",
    group: "Policies",
  },
  {
    name: "no-rule-applies",
    type: choice("deny", "allow"),
    placeholder: "MODE",
    help: "when policies are loaded and none of their rules applies (deny; allow with --compat for every language that has policies)",
    group: "Policies",
  },
  {
    name: "deny-body",
    type: choice("messages", "details", "none"),
    placeholder: "MODE",
    help: "what a denied client is told (messages; details with --compat)",
    group: "Policies",
  },
];

const doorRows: readonly OptionRow[] = [
  {
    name: "address",
    type: { kind: "address", offAllowed: false },
    fallback: ":9000",
    placeholder: "ADDR",
    help: "gRPC door for Envoy: host:port, :port, unix:///path or unix://@abstract",
    group: "Doors",
  },
  {
    name: "admin-address",
    alias: "healthaddress",
    type: { kind: "address", offAllowed: false },
    fallback: "127.0.0.1:8181",
    placeholder: "ADDR",
    help: "/health, /livez, /readyz, /metrics and /policies (:8181 with --compat)",
    group: "Doors",
  },
  {
    name: "unix-socket-mode",
    type: { kind: "file-mode" },
    placeholder: "MODE",
    help: "permissions of Unix sockets, in octal, such as 660 (as the umask leaves them)",
    group: "Doors",
  },
  {
    name: "transport",
    type: choice("lean", "grpc-js"),
    fallback: "lean",
    placeholder: "MODE",
    help: "what carries gRPC: our own HTTP/2, or @grpc/grpc-js",
    group: "Doors",
  },
  {
    name: "grpc-path-policy",
    type: choice(...pathPolicies),
    fallback: "raw",
    placeholder: "MODE",
    help: "the same at the gRPC door, for an Envoy that does not normalize paths itself",
    group: "Doors",
  },
  {
    name: "accept-tcp",
    type: { kind: "flag" },
    fallback: "false",
    placeholder: "",
    help: "judge requests without HTTP attributes, as envoy.filters.network.ext_authz sends them",
    group: "Doors",
  },
  {
    name: "drain-ms",
    type: integer(0, 3_600_000),
    fallback: "10000",
    placeholder: "N",
    help: "how long open requests may finish after SIGTERM",
    group: "Doors",
  },
];

const evaluationRows: readonly OptionRow[] = [
  {
    name: "workers",
    type: integer(0, 1024),
    placeholder: "N",
    help: "worker threads (cores - 1, from 1 to 4, as memory allows); 0 = evaluate on the main thread",
    group: "Evaluation",
  },
  {
    name: "dispatch",
    type: choice("auto", "pool", "inline"),
    fallback: "auto",
    placeholder: "HOW",
    help: "auto = cheap requests on the main thread, all others in workers",
    group: "Evaluation",
  },
  {
    name: "deadline-ms",
    type: integer(1, 600_000),
    fallback: "1000",
    placeholder: "N",
    help: "the longest a check may take, even if the caller would wait longer",
    group: "Evaluation",
  },
  {
    name: "deadline-margin-ms",
    type: integer(0, 60_000),
    fallback: "20",
    placeholder: "N",
    help: "how long before the caller's deadline a check is answered: at most half of its time",
    group: "Evaluation",
  },
  {
    name: "shed",
    type: choice("deny", "error"),
    fallback: "deny",
    placeholder: "HOW",
    help: "what a check gets that there is no time or room for: a denial, or an error",
    group: "Evaluation",
  },
  {
    name: "worker-timeout-ms",
    type: integer(10, 600_000),
    fallback: "5000",
    placeholder: "N",
    help: "a worker that answers nothing for so long is replaced",
    group: "Evaluation",
  },
  {
    name: "max-queue",
    type: integer(1),
    fallback: "4096",
    placeholder: "N",
    help: "requests waiting or being evaluated; more are refused at once",
    group: "Evaluation",
  },
];

const limitRows: readonly OptionRow[] = [
  {
    name: "max-message-bytes",
    type: integer(1024, 1_073_741_824),
    fallback: "4194304",
    placeholder: "N",
    help: "largest CheckRequest; a larger one is denied",
    group: "Limits",
  },
  {
    name: "max-body-bytes",
    type: integer(0, 1_073_741_824),
    fallback: "1048576",
    placeholder: "N",
    help: "largest request body that is shown to policies; a larger one is denied",
    group: "Limits",
  },
  {
    name: "max-headers",
    type: integer(1, 1_000_000),
    fallback: "1000",
    placeholder: "N",
    help: "header entries of one request; more are denied",
    group: "Limits",
  },
  {
    name: "max-steps",
    type: integer(1, 2_000_000),
    fallback: String(defaultEvaluationLimits.maxSteps),
    placeholder: "N",
    help: "evaluation steps one request may take over all policies",
    group: "Limits",
  },
  {
    name: "max-evaluation-bytes",
    type: integer(1024, 134_217_728),
    fallback: String(defaultEvaluationLimits.maxEvaluationBytes),
    placeholder: "N",
    help: "bytes one request may read and build over all policies",
    group: "Limits",
  },
  {
    name: "max-depth",
    type: integer(10, 1000),
    fallback: String(defaultEvaluationLimits.maxDepth),
    placeholder: "N",
    help: "how deep expressions, assertion trees and JSON texts may nest",
    group: "Limits",
  },
  {
    name: "max-string-bytes",
    type: integer(1024, 268_435_456),
    fallback: String(defaultEvaluationLimits.maxStringBytes),
    placeholder: "N",
    help: "largest text a function may build",
    group: "Limits",
  },
  {
    name: "max-pattern-length",
    type: integer(1, 1_048_576),
    fallback: String(defaultEvaluationLimits.maxPatternLength),
    placeholder: "N",
    help: "longest regular expression, in characters",
    group: "Limits",
  },
  {
    name: "max-token-length",
    type: integer(1, 4_194_304),
    fallback: String(defaultEvaluationLimits.maxTokenLength),
    placeholder: "N",
    help: "longest token that is verified, in characters",
    group: "Limits",
  },
  {
    name: "jwt-cache-entries",
    type: integer(0, 10_000_000),
    fallback: String(defaultJwtCacheOptions.maxEntries),
    placeholder: "N",
    help: "verified tokens each evaluator remembers, and a quarter as many refused ones; 0 = none",
    group: "Limits",
  },
  {
    name: "jwt-cache-bytes",
    type: integer(0),
    fallback: String(defaultJwtCacheOptions.maxBytes),
    placeholder: "N",
    help: "memory for verified tokens in each evaluator; a quarter more for refused ones",
    group: "Limits",
  },
];

const loggingRows: readonly OptionRow[] = [
  {
    name: "log-level",
    type: choice("debug", "info", "warn", "error"),
    fallback: "info",
    placeholder: "LEVEL",
    help: "the least that is logged",
    group: "Logging",
  },
  {
    name: "log-format",
    type: choice("text", "json"),
    fallback: "text",
    placeholder: "FORMAT",
    help: "how log lines look",
    group: "Logging",
  },
];

const otherRows: readonly OptionRow[] = [
  {
    name: "config",
    type: text,
    placeholder: "FILE",
    help: "YAML file with any of these options as keys",
    group: "Other",
  },
];

/** Every option of `ostiary serve`, in the order of the help text. */
export const optionRows: readonly OptionRow[] = [
  ...policyRows,
  ...doorRows,
  ...httpRows,
  ...transportRows,
  ...evaluationRows,
  ...limitRows,
  ...loggingRows,
  ...otherRows,
];
