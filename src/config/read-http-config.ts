import { defaultAdminLimits, type HttpDoorLimits, type HttpLimits } from "../model/http-limits.ts";
import { type PathPolicy, pathPolicies } from "../model/request-path.ts";
import type { HttpConfig } from "./config.ts";
import { httpForms, httpLimitOption } from "./http-options.ts";
import type { RawOptions } from "./parse-arguments.ts";
import { UsageError } from "./usage-error.ts";

/**
 * Returns the HTTP door from validated options, or undefined when it is off.
 *
 * @throws UsageError for a door whose form is not named, and for a prefix that no form but `direct` takes off
 */
export function readHttpConfig(
  given: RawOptions,
  text: (name: string) => string,
  address: (name: string) => string,
): HttpConfig | undefined {
  const form = readForm(given.get("http-form")?.[0]);
  const pathPrefix = text("http-path-prefix");
  if (pathPrefix !== "" && form !== "direct") {
    throw new UsageError("option `--http-path-prefix` needs `--http-form direct`");
  }
  if (text("http-address") === "off") return undefined;
  // A form that is not the proxy's would judge every request as `GET /`, or as what the client says.
  if (form === undefined) {
    const forms = Object.entries(httpForms).map(([name, help]) => `\`${name}\` (${help})`);
    throw new UsageError(`option \`--http-address\` needs \`--http-form\`: ${forms.join(", ")}`);
  }
  return {
    address: address("http-address"),
    form,
    pathPrefix,
    clientAddress: readClientAddress(text("http-client-address")),
    pathPolicy: readPathPolicy(text("http-path-policy")),
    limits: readLimits((name) => Number(text(httpLimitOption(name)))),
  };
}

/** Returns the bounds on the admin door, from validated options. */
export function readAdminLimits(text: (name: string) => string): HttpLimits {
  return { ...defaultAdminLimits, maxConnections: Number(text("admin-max-connections")) };
}

function readLimits(read: (name: keyof HttpDoorLimits) => number): HttpDoorLimits {
  return {
    maxConnections: read("maxConnections"),
    maxUnfinishedBytes: read("maxUnfinishedBytes"),
    headerTimeoutMs: read("headerTimeoutMs"),
    requestTimeoutMs: read("requestTimeoutMs"),
    lingerMs: read("lingerMs"),
    lingerBytes: read("lingerBytes"),
  };
}

function readForm(name: string | undefined): HttpConfig["form"] | undefined {
  return name === "direct" ||
    name === "forwarded" ||
    name === "original" ||
    name === "ingress-nginx"
    ? name
    : undefined;
}

function readPathPolicy(name: string): PathPolicy {
  // What is not understood is the strictest.
  return pathPolicies.find((policy) => policy === name) ?? "refuse";
}

function readClientAddress(name: string): HttpConfig["clientAddress"] {
  return name === "peer" || name === "forwarded-for" ? name : "none";
}
