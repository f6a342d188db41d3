import { createRegistry, fromJson, type JsonValue, toBinary } from "@bufbuild/protobuf";
import { StringValueSchema } from "@bufbuild/protobuf/wkt";
import { CheckRequestSchema } from "../../src/gen/envoy/service/auth/v3/external_auth_pb.ts";

const registry = createRegistry(StringValueSchema);

/** Returns the bytes of a `CheckRequest` given in protobuf's JSON form. */
export function encodeCheckRequest(json: JsonValue): Uint8Array {
  return toBinary(CheckRequestSchema, fromJson(CheckRequestSchema, json, { registry }));
}
