import {
  createRegistry,
  fromBinary,
  fromJson,
  type JsonValue as ProtoJson,
  toBinary,
  toJson,
} from "@bufbuild/protobuf";
import { StringValueSchema } from "@bufbuild/protobuf/wkt";
import { buildAllowResponse, buildDenyResponse } from "../../src/envoy/build-check-response.ts";
import { normalizeCheckRequest } from "../../src/envoy/check-request/normalize-check-request.ts";
import {
  CheckRequestSchema,
  CheckResponseSchema,
} from "../../src/gen/envoy/service/auth/v3/external_auth_pb.ts";
import { isJsonObject, type JsonObject, type JsonValue } from "../../src/model/json.ts";
import {
  defaultNormalizeOptions,
  type NormalizeOptions,
} from "../../src/payload/normalize-options.ts";
import { RequestError } from "../../src/payload/request-error.ts";
import type { Engine } from "./engine.ts";
import { canonicalText } from "./go-values.ts";
import type { Judgement } from "./judgement.ts";
import { type Answer, answerFor, compareAnswer, snapshotOf } from "./run-policy.ts";
import type { CheckVector } from "./vector.ts";

/** The original's way to read requests: those of TCP connections too. */
export const normalizeOptions: NormalizeOptions = {
  ...defaultNormalizeOptions,
  requireHttp: false,
  rawHost: true,
};
/** The only type that the vectors put into an `Any`. */
const registry = createRegistry(StringValueSchema);

/** Returns how our way from the bytes of a CheckRequest to those of a CheckResponse compares with the Go plugin's. */
export function judgeCheck(vector: CheckVector, engine: Engine): Judgement {
  const input = normalizeCheckRequest(encodeRequest(vector.checkRequest), normalizeOptions);
  if (input instanceof RequestError) {
    return { agrees: false, wanted: vector.expect.verdict, got: `a bad request: ${input.code}` };
  }
  const wantedPayload = canonicalText(vector.expect.payload);
  const payload = canonicalText(input.payload);
  if (payload !== wantedPayload) return { agrees: false, wanted: wantedPayload, got: payload };
  const answer = answerFor(snapshotOf(vector.policies), input.payload, engine);
  const judgement = compareAnswer(vector.expect, answer);
  const { response } = vector.expect;
  if (!judgement.agrees || response === undefined || answer.verdict === "load-error") {
    return judgement;
  }
  const wanted = canonicalText(withoutBody(response));
  const got = canonicalText(withoutBody(respond(answer)));
  return wanted === got ? judgement : { agrees: false, wanted, got };
}

/** Returns the bytes of a CheckRequest in proto-JSON. */
export function encodeRequest(json: JsonObject): Uint8Array {
  const message = fromJson(CheckRequestSchema, copyJson(json), { registry });
  return toBinary(CheckRequestSchema, message);
}

/** The package's own type for JSON may be written to; a detour by text would misread escaped keys. */
function copyJson(json: JsonValue): ProtoJson {
  if (typeof json !== "object" || json === null) return json;
  if (!isJsonObject(json)) return json.map(copyJson);
  return Object.fromEntries(Object.entries(json).map(([key, value]) => [key, copyJson(value)]));
}

/** Returns a CheckResponse as the peer decodes it, in proto-JSON. */
export function decodeResponse(bytes: Uint8Array): JsonValue {
  return toJson(CheckResponseSchema, fromBinary(CheckResponseSchema, bytes));
}

function respond(answer: Answer): JsonValue {
  return decodeResponse(
    answer.verdict === "allow"
      ? buildAllowResponse()
      : buildDenyResponse({ kind: "forbidden", body: answer.body, contentType: false }),
  );
}

/** Returns a response in proto-JSON without its body, which is a text and compared as such. */
export function withoutBody(response: JsonValue): JsonValue {
  if (!isJsonObject(response) || !isJsonObject(response["deniedResponse"])) return response;
  const { body: _body, ...denied } = response["deniedResponse"];
  return { ...response, deniedResponse: denied };
}
