import {
  defaultAdminLimits,
  defaultHttpLimits,
  type HttpDoorLimits,
} from "../model/http-limits.ts";
import { pathPolicies } from "../model/request-path.ts";
import { choice, integer, type OptionRow, text } from "./option-row.ts";

const maxBytes = 1_073_741_824;
const maxMs = 3_600_000;

/** The forms of the HTTP door, and who sends them. */
export const httpForms = {
  direct: "the request itself, for Envoy's HTTP service",
  forwarded: "X-Forwarded-* headers, for Traefik, Caddy and HAProxy",
  original: "X-Original-URI and X-Original-Method, for nginx",
  "ingress-nginx": "X-Original-URL and X-Original-Method, for ingress-nginx",
} as const;

/** The options of the HTTP door, and the bounds on the admin door. */
export const httpRows: readonly OptionRow[] = [
  {
    name: "http-address",
    type: { kind: "address", offAllowed: true },
    fallback: "off",
    placeholder: "ADDR",
    help: "HTTP door for nginx, Traefik, Caddy, HAProxy and Envoy's HTTP service, with --http-form; off = none",
    group: "HTTP",
  },
  {
    name: "http-form",
    type: choice(...Object.keys(httpForms)),
    placeholder: "FORM",
    help: "what the HTTP door judges: the request itself, or what X-Forwarded-* or X-Original-* headers say",
    group: "HTTP",
  },
  {
    name: "http-path-prefix",
    type: text,
    fallback: "",
    placeholder: "PREFIX",
    help: "with --http-form direct: cut this from the front of the path",
    group: "HTTP",
  },
  {
    name: "http-path-policy",
    type: choice(...pathPolicies),
    fallback: "refuse",
    placeholder: "MODE",
    help: "what becomes of a path that two readers could take differently",
    group: "HTTP",
  },
  {
    name: "http-client-address",
    type: choice("none", "peer", "forwarded-for"),
    fallback: "none",
    placeholder: "MODE",
    help: "source.address at the HTTP door: nothing, the connection's peer, or X-Forwarded-For's last",
    group: "HTTP",
  },
  limit(
    "maxConnections",
    1,
    1_000_000,
    "connections; requests on more are denied, then no more accepted",
  ),
  limit(
    "maxUnfinishedBytes",
    65_536,
    maxBytes,
    "request bodies held, of all connections; over it requests are denied",
  ),
  limit("headerTimeoutMs", 10, maxMs, "for the head of a request to come in"),
  limit("requestTimeoutMs", 10, maxMs, "for a whole request to come in; a later one is denied"),
  limit(
    "lingerMs",
    0,
    maxMs,
    "how long the rest of a refused request is read before the connection closes",
  ),
  limit("lingerBytes", 0, maxBytes, "how much of it"),
  {
    name: "admin-max-connections",
    type: integer(1, 1_000_000),
    fallback: String(defaultAdminLimits.maxConnections),
    placeholder: "N",
    help: "connections to the admin door",
    group: "HTTP",
  },
];

/** Returns the option that sets a limit of the HTTP door: `http-max-connections` for `maxConnections`. */
export function httpLimitOption(name: keyof HttpDoorLimits): string {
  return `http-${name.replace(/[A-Z]/g, (letter) => `-${letter.toLowerCase()}`)}`;
}

function limit(name: keyof HttpDoorLimits, min: number, max: number, help: string): OptionRow {
  return {
    name: httpLimitOption(name),
    type: integer(min, max),
    fallback: String(defaultHttpLimits[name]),
    placeholder: "N",
    help,
    group: "HTTP",
  };
}
