import type { PolicyOptions } from "../model/limits.ts";
import { pathPolicies } from "../model/request-path.ts";
import { readAddress } from "./address.ts";
import type { Config } from "./config.ts";
import { defaultWorkers } from "./default-workers.ts";
import { describeUnknownVariables, environmentName } from "./environment-names.ts";
import type { OptionKind, OptionRow } from "./option-row.ts";
import { optionRows } from "./options.ts";
import { parseArguments, type RawOptions } from "./parse-arguments.ts";
import { readConfigFile } from "./read-config-file.ts";
import { readConnectionConfig } from "./read-connection-config.ts";
import { readAdminLimits, readHttpConfig } from "./read-http-config.ts";
import { UsageError } from "./usage-error.ts";

/** The places that options may come from. */
export interface ConfigSources {
  /** The arguments after the command's name. */
  readonly args: readonly string[];
  readonly env: { readonly [name: string]: string | undefined };
  /** Options that hold when nobody says otherwise, in place of the table's. */
  readonly defaults?: ReadonlyMap<string, readonly string[]>;
  /** The option that arguments without a name are values of. */
  readonly bareOption?: string;
}

/**
 * Returns the configuration: command line before environment before file before defaults.
 *
 * @throws UsageError naming the option and where it was given, for anything that is not understood
 */
export function readConfig(sources: ConfigSources): Config {
  const args = parseArguments(sources.args, sources.bareOption);
  const environment = readEnvironment(sources.env);
  const path = (args.get("config") ?? environment.get("config"))?.[0];
  const file: RawOptions = path === undefined ? new Map() : readConfigFile(path);
  const defaults = sources.defaults ?? new Map<string, readonly string[]>();
  const given = new Map([...defaults, ...file, ...environment, ...args]);
  for (const row of optionRows) validate(row, given.get(row.name));
  return buildConfig(given, describeUnknownVariables(sources.env));
}

function readEnvironment(env: ConfigSources["env"]): RawOptions {
  const raw = new Map<string, readonly string[]>();
  for (const row of optionRows) {
    const alias = row.alias === undefined ? undefined : env[environmentName(row.alias)];
    const value = env[environmentName(row.name)] ?? alias;
    if (value !== undefined) raw.set(row.name, [value]);
  }
  return raw;
}

function validate(row: OptionRow, values: readonly string[] | undefined): void {
  for (const value of values ?? []) {
    if (isOfKind(row.type, value)) continue;
    const wanted = describeKind(row.type);
    throw new UsageError(`option \`--${row.name}\` must be ${wanted}, not \`${value}\``);
  }
}

/** Returns whether the value is one of its option's kind. */
function isOfKind(type: OptionKind, value: string): boolean {
  switch (type.kind) {
    case "choice":
      return type.choices.includes(value);
    case "choices":
      return value.split(",").every((word) => type.choices.includes(word));
    case "flag":
      return value === "true" || value === "false";
    case "integer":
      return isIntegerWithin(value, type.min, type.max);
    case "address":
      return readAddress(value) !== undefined || (type.offAllowed && value === "off");
    case "file-mode":
      return /^0?[0-7]{3}$/.test(value);
    case "text":
    case "list":
      return true;
  }
}

/** The values of a kind, in words. */
function describeKind(type: OptionKind): string {
  switch (type.kind) {
    case "choice":
    case "choices":
      return type.choices.join(" or ");
    case "flag":
      return "true or false";
    case "integer":
      return `a whole number from ${type.min} to ${type.max}`;
    case "address":
      return "an address (host:port, :port, unix:///path or unix://@abstract)";
    case "file-mode":
      return "a file mode in octal, such as 660";
    case "text":
    case "list":
      return "a text";
  }
}

function isIntegerWithin(text: string, min: number, max: number): boolean {
  return /^\d{1,10}$/.test(text) && Number(text) >= min && Number(text) <= max;
}

function buildConfig(given: RawOptions, notices: readonly string[]): Config {
  const text = (name: string): string => given.get(name)?.[0] ?? fallback(name);
  const integer = (name: string): number => Number(text(name));
  const address = (name: string): string => readAddress(text(name)) ?? text(name);
  const policyPaths = (given.get("policy") ?? [])
    .flatMap((entry) => entry.split(","))
    .filter(Boolean);
  if (policyPaths.length === 0) {
    throw new UsageError("no policy given; use `--policy PATH` or the variable `OSTIARY_POLICY`");
  }
  const workers = given.has("workers") ? integer("workers") : defaultWorkers();
  const http = readHttpConfig(given, text, address);
  const config: Config = {
    policyPaths,
    reloadIntervalMs: integer("reload-interval-ms"),
    allowRemoval: text("allow-removal") === "true",
    policyOptions: {
      ...buildPolicyOptions(given, text, integer),
      openDoors: http === undefined ? ["grpc"] : ["grpc", "http"],
    },
    address: address("address"),
    http,
    adminAddress:
      given.has("admin-address") || !compatModes(given).has("kyverno-envoy-plugin")
        ? address("admin-address")
        : ":8181",
    adminLimits: readAdminLimits(text),
    unixSocketMode: given.has("unix-socket-mode")
      ? Number.parseInt(text("unix-socket-mode"), 8)
      : undefined,
    transport: oneOf(text("transport"), ["grpc-js", "lean"]),
    connections: readConnectionConfig(given, text, integer),
    grpcPathPolicy: oneOf(text("grpc-path-policy"), pathPolicies),
    acceptTcp: text("accept-tcp") === "true",
    drainMs: integer("drain-ms"),
    workers,
    dispatch: workers === 0 ? "inline" : oneOf(text("dispatch"), ["auto", "pool", "inline"]),
    deadlineMs: integer("deadline-ms"),
    deadlineMarginMs: integer("deadline-margin-ms"),
    shed: oneOf(text("shed"), ["deny", "error"]),
    workerTimeoutMs: integer("worker-timeout-ms"),
    maxQueue: integer("max-queue"),
    maxMessageBytes: integer("max-message-bytes"),
    maxBodyBytes: integer("max-body-bytes"),
    maxHeaders: integer("max-headers"),
    logLevel: oneOf(text("log-level"), ["debug", "info", "warn", "error"]),
    logFormat: oneOf(text("log-format"), ["text", "json"]),
    notices,
  };
  return Object.freeze(config);
}

function buildPolicyOptions(
  given: RawOptions,
  text: (name: string) => string,
  integer: (name: string) => number,
): PolicyOptions {
  const modes = compatModes(given);
  const asOriginal = modes.has("kyverno-envoy-plugin");
  return {
    compat: asOriginal ? "kyverno-envoy-plugin" : "none",
    celCompat: modes.has("kyverno-authz") ? "kyverno-authz" : "none",
    noRuleApplies: given.has("no-rule-applies")
      ? oneOf(text("no-rule-applies"), ["deny", "allow"])
      : "by-language",
    denyBody: given.has("deny-body")
      ? oneOf(text("deny-body"), ["messages", "details", "none"])
      : asOriginal
        ? "details"
        : "messages",
    limits: {
      maxSteps: integer("max-steps"),
      maxEvaluationBytes: integer("max-evaluation-bytes"),
      maxDepth: integer("max-depth"),
      maxStringBytes: integer("max-string-bytes"),
      maxPatternLength: integer("max-pattern-length"),
      maxTokenLength: integer("max-token-length"),
    },
    jwtCache: { maxEntries: integer("jwt-cache-entries"), maxBytes: integer("jwt-cache-bytes") },
  };
}

/** Returns the originals whose defaults are asked for. */
function compatModes(given: RawOptions): ReadonlySet<string> {
  return new Set((given.get("compat") ?? []).flatMap((value) => value.split(",")));
}

function fallback(name: string): string {
  const value = optionRows.find((row) => row.name === name)?.fallback;
  if (value === undefined) throw new Error(`option ${name} has no fallback`);
  return value;
}

function oneOf<T extends string>(text: string, choices: readonly T[]): T {
  const found = choices.find((choice) => choice === text);
  if (found === undefined) throw new Error(`unvalidated choice ${text}`);
  return found;
}
