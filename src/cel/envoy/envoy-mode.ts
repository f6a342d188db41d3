import { isJsonObject } from "../../model/json.ts";
import type { KyvernoLibrary } from "../kyverno/kyverno-library.ts";
import { JsonMessage } from "../messages/json-message.ts";
import { readCheckResponse } from "../policy/envoy-response.ts";
import type { ModeOfPolicies } from "../policy/mode.ts";
import { findRequestReads } from "../policy/request-reads.ts";
import { messageType } from "../types/type.ts";
import { createEnvoyEnvironment } from "./envoy-environment.ts";

const requestName = "envoy.service.auth.v3.CheckRequest";
const responseName = "envoy.service.auth.v3.CheckResponse";

/** Returns the mode of policies that judge Envoy's `CheckRequest`s: the payload is the request's `attributes`. */
export function createEnvoyMode(library: KyvernoLibrary): ModeOfPolicies {
  const { environment, messages } = createEnvoyEnvironment(library);
  const shape = messages.messageShape(requestName);
  if (shape === undefined) throw new Error(`message type ${requestName} is not generated`);
  return {
    environment,
    responseType: messageType(responseName),
    createObject: (payload) =>
      new JsonMessage(shape, isJsonObject(payload) ? { attributes: payload } : {}),
    readResponse: readCheckResponse,
    findReads: ({ root, checked }) => findRequestReads(root, checked, messages),
  };
}
