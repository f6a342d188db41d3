import { create, fromBinary, type MessageInitShape, toBinary } from "@bufbuild/protobuf";
import { file_envoy_service_auth_v3_external_auth } from "../../gen/envoy/service/auth/v3/external_auth_pb.ts";
import { file_grpc_health_v1_health } from "../../gen/grpc/health/v1/health_pb.ts";
import {
  file_grpc_reflection_v1_reflection,
  type ServerReflectionRequest,
  ServerReflectionRequestSchema,
  ServerReflectionResponseSchema,
} from "../../gen/grpc/reflection/v1/reflection_pb.ts";
import { grpcStatus, type StreamingHandler } from "../../transport/grpc-transport.ts";
import { indexFiles, type ReflectionFiles } from "./reflection-files.ts";

type ResponseInit = MessageInitShape<typeof ServerReflectionResponseSchema>;
type Answer = NonNullable<ResponseInit["messageResponse"]>;

/** Answers `ServerReflectionInfo` for all services of the gRPC door (the gRPC "Server reflection protocol"). */
export function createReflection(): StreamingHandler {
  let files: ReflectionFiles | undefined;
  return (_call, reply) => ({
    message(message) {
      const request = message && readRequest(message);
      if (request?.messageRequest.case === undefined) {
        reply.end(grpcStatus.INVALID_ARGUMENT, "not a ServerReflectionRequest");
        return;
      }
      // Not before somebody asks: few do.
      files ??= indexFiles([
        file_envoy_service_auth_v3_external_auth,
        file_grpc_health_v1_health,
        file_grpc_reflection_v1_reflection,
      ]);
      const response: ResponseInit = {
        validHost: request.host,
        originalRequest: request,
        messageResponse: answer(files, request.messageRequest),
      };
      const schema = ServerReflectionResponseSchema;
      reply.send(toBinary(schema, create(schema, response)));
    },
    halfClosed() {
      reply.end(grpcStatus.OK, "");
    },
    gone() {},
  });
}

function readRequest(message: Uint8Array): ServerReflectionRequest | undefined {
  try {
    return fromBinary(ServerReflectionRequestSchema, message);
  } catch {
    return undefined;
  }
}

function answer(
  files: ReflectionFiles,
  question: ServerReflectionRequest["messageRequest"],
): Answer {
  switch (question.case) {
    case "fileByFilename":
      return fileAnswer(files.byName(question.value));
    case "fileContainingSymbol":
      return fileAnswer(files.bySymbol(question.value));
    case "allExtensionNumbersOfType":
      return files.isMessage(question.value)
        ? { case: "allExtensionNumbersResponse", value: { baseTypeName: question.value } }
        : notFound;
    case "listServices":
      return {
        case: "listServicesResponse",
        value: { service: files.services.map((name) => ({ name })) },
      };
    case "fileContainingExtension":
    case undefined:
      return notFound;
  }
}

function fileAnswer(fileDescriptorProto: readonly Uint8Array[] | undefined): Answer {
  return fileDescriptorProto === undefined
    ? notFound
    : {
        case: "fileDescriptorResponse",
        value: { fileDescriptorProto: [...fileDescriptorProto] },
      };
}

const notFound: Answer = {
  case: "errorResponse",
  value: { errorCode: grpcStatus.NOT_FOUND, errorMessage: "not found" },
};
