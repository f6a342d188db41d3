import { createEnvoyMode } from "../../src/cel/envoy/envoy-mode.ts";
import { createHttpMode } from "../../src/cel/http/http-mode.ts";
import type { ModeOfPolicies } from "../../src/cel/policy/mode.ts";
import type { CelMessage } from "../../src/cel/values/message.ts";
import { isJsonObject, type JsonObject } from "../../src/model/json.ts";
import type { CelVector, HttpRequest } from "./vector.ts";

const envoy = createEnvoyMode();

/** The modes that vectors run in, as the server has them. */
export const celModes: Readonly<Record<CelVector["mode"], ModeOfPolicies>> = {
  Envoy: envoy,
  HTTP: createHttpMode(),
};

/** Returns the request of a vector as its policies see it. */
export function objectOf(vector: CelVector): CelMessage {
  const { checkRequest = {}, httpRequest, mode } = vector;
  const { attributes } = checkRequest;
  const { createObject } = celModes[mode];
  if (httpRequest === undefined) {
    return createObject(isJsonObject(attributes) ? attributes : {}, undefined);
  }
  const { payload, headerLines } = httpInput(httpRequest);
  return createObject(payload, headerLines);
}

/** A request as the HTTP door hands it on: what comes in an absolute URL is told apart. */
function httpInput({ method, url, host, header, body }: HttpRequest): {
  payload: JsonObject;
  headerLines: Readonly<Record<string, readonly string[]>>;
} {
  const [, scheme = "", authority = "", path = url] =
    /^([a-z]+):\/\/([^/]*)([^#]*)/.exec(url) ?? [];
  const http = { method, path, host: host ?? authority, scheme, protocol: "HTTP/1.1", body };
  const lines = Object.entries(header).map(([name, values]) => [name.toLowerCase(), values]);
  return { payload: { request: { http } }, headerLines: Object.fromEntries(lines) };
}
