import { file_envoy_service_auth_v3_external_auth } from "../../gen/envoy/service/auth/v3/external_auth_pb.ts";
import { type CelEnvironment, createEnvironment } from "../environment.ts";
import { createEnvoyFunctions } from "../kyverno/envoy-functions.ts";
import type { KyvernoLibrary } from "../kyverno/kyverno-library.ts";
import { joinMessageTypes } from "../messages/native-message.ts";
import { createProtobufTypes, type ProtobufTypes } from "../messages/protobuf-types.ts";
import { messageType } from "../types/type.ts";

/** The environment of one mode, and the protobuf types in it. */
interface EnvoyEnvironment {
  readonly environment: CelEnvironment;
  readonly messages: ProtobufTypes;
}

/** Returns the environment of policies that judge Envoy's `CheckRequest`s. */
export function createEnvoyEnvironment(library: KyvernoLibrary): EnvoyEnvironment {
  const messages = createProtobufTypes([file_envoy_service_auth_v3_external_auth]);
  const environment = createEnvironment({
    variables: new Map([
      ...library.variables,
      ["object", messageType("envoy.service.auth.v3.CheckRequest")],
      ["variables", messageType("kyverno.variables")],
    ]),
    functions: [...createEnvoyFunctions(messages), ...library.functions],
    messages: joinMessageTypes(messages, library.messages),
    types: library.types,
    constants: library.constants,
  });
  return { environment, messages };
}
