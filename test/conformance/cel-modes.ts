import { createEnvoyMode } from "../../src/cel/envoy/envoy-mode.ts";
import { createHttpMode } from "../../src/cel/http/http-mode.ts";
import { createCelTokens } from "../../src/cel/kyverno/cel-tokens.ts";
import { createKyvernoLibrary } from "../../src/cel/kyverno/kyverno-library.ts";
import type { ModeOfPolicies } from "../../src/cel/policy/mode.ts";
import type { CelMessage } from "../../src/cel/values/message.ts";
import { createTokenDecoder } from "../../src/kyverno-json/functions/token-decoder.ts";
import { isJsonObject, type JsonObject } from "../../src/model/json.ts";
import { defaultPolicyOptions } from "../../src/model/limits.ts";
import { OutboundCalls } from "../../src/model/outbound-call.ts";
import type { CelVector, HttpRequest } from "./vector.ts";

const tokens = createTokenDecoder(() => 0, defaultPolicyOptions);
const library = createKyvernoLibrary({
  verify: createCelTokens(tokens, defaultPolicyOptions),
  makesCalls: true,
});

/** The modes that vectors run in, as the server has them. */
export const celModes: Readonly<Record<CelVector["mode"], ModeOfPolicies>> = {
  Envoy: createEnvoyMode(library),
  HTTP: createHttpMode(library),
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

/** Returns the calls of a vector to the world outside: every one that it has no answer for fails. */
export function outboundOf({ stubs = {} }: CelVector): OutboundCalls {
  return new OutboundCalls({
    find: ({ url }) => {
      const stub = Object.hasOwn(stubs, url) ? stubs[url] : undefined;
      if (stub === undefined) return { kind: "failure", message: "network disabled" };
      const { status = 200, body = "" } = stub;
      return { kind: "response", status, body };
    },
  });
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
