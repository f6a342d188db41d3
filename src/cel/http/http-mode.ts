import { createEnvironment } from "../environment.ts";
import type { CelFunction } from "../functions/define.ts";
import { findHttpReads } from "../policy/http-reads.ts";
import type { ModeOfPolicies } from "../policy/mode.ts";
import { type CelType, messageType } from "../types/type.ts";
import { httpFunctions } from "./http-functions.ts";
import { readHttpResponse } from "./http-response.ts";
import { nativeTypes, requestName, responseName } from "./native-types.ts";
import { createHttpRequest } from "./request-view.ts";

/** Returns the mode of policies that judge the requests of the HTTP door. */
export function createHttpMode(
  functions: readonly CelFunction[] = [],
  types: ReadonlyMap<string, CelType> = new Map(),
): ModeOfPolicies {
  const environment = createEnvironment({
    variables: new Map([
      ["object", messageType(requestName)],
      ["variables", messageType("kyverno.variables")],
    ]),
    functions: [...httpFunctions, ...functions],
    messages: nativeTypes,
    types,
  });
  return {
    environment,
    responseType: messageType(responseName),
    createObject: createHttpRequest,
    readResponse: readHttpResponse,
    findReads: findHttpReads,
  };
}
