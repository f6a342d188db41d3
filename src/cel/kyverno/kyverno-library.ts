import type { ClaimsVerifier } from "../../tokens/claims-verifier.ts";
import type { CelFunction } from "../functions/define.ts";
import type { MessageTypes } from "../messages/message-types.ts";
import { nativeTypesOf } from "../messages/native-message.ts";
import { type CelType, opaqueType } from "../types/type.ts";
import { imageFunctions, imageNamespace } from "./image-functions.ts";
import { jsonFunctions, jsonNamespace } from "./json-functions.ts";
import { createJwtFunctions, tokenShape } from "./jwt-functions.ts";
import { mcpConstants, mcpFunctions } from "./mcp-functions.ts";
import { mcpNamespace, mcpShapes } from "./mcp-types.ts";
import { httpNamespace, outboundFunctions, resourceNamespace } from "./outbound-functions.ts";

/** The library that Kyverno adds to CEL in every mode (kyverno/sdk, `cel/libs`). */
export interface KyvernoLibrary {
  readonly functions: readonly CelFunction[];
  readonly variables: ReadonlyMap<string, CelType>;
  readonly constants: ReadonlyMap<string, string>;
  readonly messages: MessageTypes;
  /** Names of types that are no structures. */
  readonly types: ReadonlyMap<string, CelType>;
}

/** The settings of a library. */
export interface LibrarySettings {
  /** Judges the tokens of policies. */
  readonly verify: ClaimsVerifier;
  /** Whether somebody answers the calls that policies make to the outside. */
  readonly makesCalls: boolean;
}

/** Returns Kyverno's library. */
export function createKyvernoLibrary({ verify, makesCalls }: LibrarySettings): KyvernoLibrary {
  const namespaces = {
    http: httpNamespace,
    image: imageNamespace,
    json: jsonNamespace,
    mcp: mcpNamespace,
    resource: resourceNamespace,
  };
  const typeNames = ["jwk.Set", "kyverno.image", "mcp.RequestId", ...Object.values(namespaces)];
  return {
    functions: [
      ...createJwtFunctions(verify),
      ...jsonFunctions,
      ...mcpFunctions,
      ...imageFunctions,
      ...outboundFunctions,
    ].map((item) => (makesCalls || !outbound.has(item.name) ? item : refuseCall(item))),
    variables: new Map(
      Object.entries(namespaces).map(([name, typeName]) => [name, opaqueType(typeName)]),
    ),
    constants: mcpConstants,
    messages: nativeTypesOf([tokenShape, ...mcpShapes]),
    types: new Map(typeNames.map((name) => [name, opaqueType(name)])),
  };
}

/** Functions that call the world outside. */
const outbound: ReadonlySet<string> = new Set(["Get", "get", "Post", "post", "jwks.Fetch"]);

function refuseCall(item: CelFunction): CelFunction {
  const why = `\`${item.name}\` calls the outside, which this server does not do yet`;
  return { ...item, unavailable: item.unavailable ?? why };
}
