import { createEnvironment } from "../environment.ts";
import type { KyvernoLibrary } from "../kyverno/kyverno-library.ts";
import { joinMessageTypes } from "../messages/native-message.ts";
import { findHttpReads } from "../policy/http-reads.ts";
import type { ModeOfPolicies } from "../policy/mode.ts";
import { messageType } from "../types/type.ts";
import { httpFunctions } from "./http-functions.ts";
import { readHttpResponse } from "./http-response.ts";
import { nativeTypes, requestName, responseName } from "./native-types.ts";
import { createHttpRequest } from "./request-view.ts";

/** Returns the mode of policies that judge the requests of the HTTP door. */
export function createHttpMode(library: KyvernoLibrary): ModeOfPolicies {
  const environment = createEnvironment({
    variables: new Map([
      ...library.variables,
      ["object", messageType(requestName)],
      ["variables", messageType("kyverno.variables")],
    ]),
    functions: [...httpFunctions, ...library.functions],
    messages: joinMessageTypes(nativeTypes, library.messages),
    types: library.types,
    constants: library.constants,
  });
  return {
    environment,
    responseType: messageType(responseName),
    createObject: createHttpRequest,
    readResponse: readHttpResponse,
    findReads: findHttpReads,
  };
}
