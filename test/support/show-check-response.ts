import { fromBinary, toJson } from "@bufbuild/protobuf";
import { CheckResponseSchema } from "../../src/gen/envoy/service/auth/v3/external_auth_pb.ts";
import { valueAt } from "./json-path.ts";

/** Returns a CheckResponse in a line: `0`, or `7 Forbidden body`. */
export function showCheckResponse(message: Uint8Array): string {
  const json = toJson(CheckResponseSchema, fromBinary(CheckResponseSchema, message));
  const parts = [
    valueAt(json, ["status", "code"]) ?? 0,
    valueAt(json, ["deniedResponse", "status", "code"]),
    valueAt(json, ["deniedResponse", "body"]),
  ];
  return parts
    .filter((part) => part !== undefined)
    .map((part) => (typeof part === "string" ? part : JSON.stringify(part)))
    .join(" ");
}
