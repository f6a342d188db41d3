import type { EvaluationError } from "../../model/evaluation-error.ts";
import { isEvaluationError } from "../../model/evaluation-error.ts";
import { isJsonObject, type JsonValue } from "../../model/json.ts";
import type { OutboundAnswer, OutboundCall } from "../../model/outbound-call.ts";
import { charge } from "../../model/step-limit.ts";
import {
  type CelFunction,
  defineMethod,
  mapOf,
  opaqueOf,
  type Typed,
  types,
} from "../functions/define.ts";
import type { Frame } from "../functions/frame.ts";
import { jsonToCel } from "../messages/well-known-fields.ts";
import { anyType, opaqueType } from "../types/type.ts";
import { valueError } from "../values/errors.ts";
import { CelMap, EntryMap } from "../values/map.ts";
import { sizeOf } from "../values/size-of.ts";
import { CelNamespace, CelOptional, type CelResult, type CelValue } from "../values/value.ts";
import { readJsonText } from "./json-functions.ts";
import { toJson } from "./struct-value.ts";

const { dyn, string } = types;

/** The type of the variable `http`. */
export const httpNamespace = "http.Context";
/** The type of the variable `resource`. */
export const resourceNamespace = "resource.Context";

const http = opaqueOf(httpNamespace, CelNamespace);
const resource = opaqueOf(resourceNamespace, CelNamespace);
const headerMap = mapOf(string, string);

/** Returns the answer's JSON with its status beside it, as the original has it. */
function readAnswer(frame: Frame, answer: OutboundAnswer): CelResult {
  if (answer.kind === "failure") return valueError(`the call failed: ${answer.message}`);
  const value = readJsonText(answer.body, frame.budget);
  const status = BigInt(answer.status);
  if (isEvaluationError(value)) {
    return value.code === "EVALUATION_VALUE"
      ? new EntryMap([
          ["body", null],
          ["statusCode", status],
        ])
      : value;
  }
  if (!isJsonObject(value)) return jsonToCel(value);
  const members = Object.entries(value).map(([name, member]): [string, CelValue] => [
    name,
    jsonToCel(member),
  ]);
  return new EntryMap([...members, ["statusCode", status]]);
}

function ask(frame: Frame, call: OutboundCall): CelResult {
  const answer = frame.outbound?.ask(call);
  if (answer === undefined) return valueError("calls to the outside are not made here");
  return isEvaluationError(answer) ? answer : readAnswer(frame, answer);
}

function headersOf(map: CelMap | undefined): OutboundCall["headers"] | EvaluationError {
  const headers: [string, string][] = [];
  for (const [name, value] of map?.entries() ?? []) {
    if (typeof name !== "string" || typeof value !== "string") return notTexts;
    headers.push([name, value]);
  }
  return headers;
}

const notTexts = valueError("headers are a map from texts to texts");

function get(frame: Frame, url: string, map?: CelMap): CelResult {
  const headers = headersOf(map);
  return isEvaluationError(headers) ? headers : ask(frame, { method: "GET", url, headers });
}

function post(frame: Frame, url: string, value: CelValue, map?: CelMap): CelResult {
  const headers = headersOf(map);
  if (isEvaluationError(headers)) return headers;
  const unpaid = charge(frame.budget, sizeOf(value));
  if (unpaid !== undefined) return unpaid;
  // Go writes an optional, whose fields it does not see, as an empty object.
  const json: JsonValue | undefined = value instanceof CelOptional ? {} : toJson(value);
  if (json === undefined) return valueError("the body has no JSON form");
  return ask(frame, { method: "POST", url, headers, body: JSON.stringify(json) });
}

/** Functions of one name in upper case, and of its alias in lower case. */
function aliased(
  name: string,
  build: (name: string) => readonly CelFunction[],
): readonly CelFunction[] {
  return [...build(name), ...build(name.charAt(0).toLowerCase() + name.slice(1))];
}

const noCluster =
  "no cluster is asked here: `resource.*` needs a cluster as a source, which there is not yet";
const noClient =
  "a certificate authority of a policy's own cannot be used: `http.Get` trusts those of the server";

function refused(build: CelFunction, unavailable: string): CelFunction {
  return { ...build, unavailable };
}

const object = mapOf(string, dyn);
const version: Pick<Typed<CelValue>, "type"> = {
  type: opaqueType("schema.GroupVersionResource"),
};

/** The functions of `http` and `resource`. */
export const outboundFunctions: readonly CelFunction[] = [
  ...aliased("Get", (name) => [
    defineMethod(name, [http, string], anyType, (frame, _, url) => get(frame, url)),
    defineMethod(name, [http, string, headerMap], anyType, (frame, _, url, headers) =>
      get(frame, url, headers),
    ),
  ]),
  ...aliased("Post", (name) => [
    defineMethod(name, [http, string, dyn], anyType, (frame, _, url, body) =>
      post(frame, url, body),
    ),
    defineMethod(name, [http, string, dyn, headerMap], anyType, (frame, _, url, body, headers) =>
      post(frame, url, body, headers),
    ),
  ]),
  ...aliased("Client", (name) => [
    refused(
      defineMethod(name, [http, string], http, (_, namespace) => namespace),
      noClient,
    ),
  ]),
  ...aliased("Get", (name) => [
    refused(
      defineMethod(name, [resource, string, string, string, string], object, none),
      noCluster,
    ),
  ]),
  ...aliased("List", (name) => [
    refused(defineMethod(name, [resource, string, string, string], object, none), noCluster),
    refused(
      defineMethod(name, [resource, string, string, string, mapOf(string, string)], object, none),
      noCluster,
    ),
  ]),
  ...aliased("Post", (name) => [
    refused(
      defineMethod(name, [resource, string, string, string, object], object, none),
      noCluster,
    ),
  ]),
  ...["ToGVR", "toGVR"].map((name) =>
    refused(defineMethod(name, [resource, string, string], version.type, none), noCluster),
  ),
].map((item) => ({ ...item, dependsOnFrame: true }));

function none(): CelResult {
  return valueError(noCluster);
}
