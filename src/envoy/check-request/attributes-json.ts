import {
  type Address,
  type SocketAddress,
  SocketAddress_Protocol,
} from "../../gen/envoy/config/core/v3/address_pb.ts";
import type {
  AttributeContext,
  AttributeContext_HttpRequest,
  AttributeContext_Peer,
  AttributeContext_Request,
} from "../../gen/envoy/service/auth/v3/attribute_context_pb.ts";
import type { JsonObject, JsonValue } from "../../model/json.ts";
import { type HeaderTable, normalizeHeaderMap } from "../../payload/header-table.ts";
import type { NormalizeOptions } from "../../payload/normalize-options.ts";
import { RequestError } from "../../payload/request-error.ts";
import { encodeBase64 } from "../../payload/sanitize-text.ts";
import { settleTarget } from "../../payload/settle-target.ts";
import { formatTimestamp } from "../../payload/timestamp-text.ts";
import { hasKeys, normalizeMetadata } from "./metadata-json.ts";

/**
 * Each function gives one message in protobuf's JSON form, as the original's policies see it: names in camelCase,
 * fields at their default absent, messages that are set present even when empty, members of a oneof present even
 * at their default. Written out by hand because reflection costs a multiple of it.
 */
type Json = Record<string, JsonValue>;

/** Returns the whole payload, or why the request is a bad one. */
export function normalizeAttributes(
  attributes: AttributeContext,
  options: NormalizeOptions,
): JsonObject | RequestError {
  const json: Json = {};
  if (attributes.source !== undefined) json["source"] = normalizePeer(attributes.source);
  if (attributes.destination !== undefined) {
    json["destination"] = normalizePeer(attributes.destination);
  }
  if (attributes.request !== undefined) {
    const request = normalizeRequest(attributes.request, options);
    if (request instanceof RequestError) return request;
    json["request"] = request;
  }
  if (hasKeys(attributes.contextExtensions)) {
    json["contextExtensions"] = attributes.contextExtensions;
  }
  if (attributes.tlsSession !== undefined) {
    const { sni } = attributes.tlsSession;
    json["tlsSession"] = sni === "" ? {} : { sni };
  }
  if (attributes.metadataContext !== undefined) {
    json["metadataContext"] = normalizeMetadata(attributes.metadataContext);
  }
  if (attributes.routeMetadataContext !== undefined) {
    json["routeMetadataContext"] = normalizeMetadata(attributes.routeMetadataContext);
  }
  return json;
}

function normalizeRequest(
  request: AttributeContext_Request,
  options: NormalizeOptions,
): Json | RequestError {
  const json: Json = {};
  if (request.time !== undefined) {
    const time = formatTimestamp(request.time.seconds, request.time.nanos);
    if (time === undefined) {
      return new RequestError("REQUEST_MALFORMED", "request.time is out of range");
    }
    json["time"] = time;
  }
  if (request.http !== undefined) {
    const http = normalizeHttp(request.http, options);
    if (http instanceof RequestError) return http;
    json["http"] = http;
  }
  return json;
}

function normalizeHttp(
  http: AttributeContext_HttpRequest,
  options: NormalizeOptions,
): Json | RequestError {
  const json: Json = {};
  addText(json, "id", http.id);
  addText(json, "method", http.method);
  const headers = readHeaders(http, options.maxHeaders);
  if (headers === undefined) return new RequestError("REQUEST_TOO_MANY_HEADERS");
  if (hasKeys(headers)) json["headers"] = headers;
  addText(json, "path", http.path);
  addText(json, "host", http.host);
  addText(json, "scheme", http.scheme);
  const fault = settleTarget(json, headers, options);
  if (fault !== undefined) return fault;
  addText(json, "query", http.query);
  addText(json, "fragment", http.fragment);
  if (http.size !== 0n) json["size"] = http.size.toString();
  addText(json, "protocol", http.protocol);
  return addBody(json, http, options.maxBodyBytes) ?? json;
}

/** The headers, from `header_map` alone when there is one, so that policies see the same whatever Envoy sends. */
function readHeaders(
  http: AttributeContext_HttpRequest,
  maxHeaders: number,
): HeaderTable | undefined {
  const lines = http.headerMap?.headers ?? [];
  if (lines.length > maxHeaders) return undefined;
  const headers = lines.length > 0 ? normalizeHeaderMap(lines) : http.headers;
  return Object.keys(headers).length > maxHeaders ? undefined : headers;
}

function addBody(
  json: Json,
  http: AttributeContext_HttpRequest,
  maxBodyBytes: number,
): RequestError | undefined {
  const { body, rawBody } = http;
  if (rawBody.length > maxBodyBytes || (body !== "" && Buffer.byteLength(body) > maxBodyBytes)) {
    return new RequestError("REQUEST_TOO_LARGE");
  }
  addText(json, "body", body);
  if (rawBody.length > 0) json["rawBody"] = encodeBase64(rawBody);
  return undefined;
}

function normalizePeer(peer: AttributeContext_Peer): Json {
  const json: Json = {};
  if (peer.address !== undefined) json["address"] = normalizeAddress(peer.address);
  addText(json, "service", peer.service);
  if (hasKeys(peer.labels)) json["labels"] = peer.labels;
  addText(json, "principal", peer.principal);
  addText(json, "certificate", peer.certificate);
  return json;
}

function normalizeAddress({ address }: Address): Json {
  const json: Json = {};
  switch (address.case) {
    case "socketAddress":
      return { socketAddress: normalizeSocketAddress(address.value) };
    case "pipe":
      addText(json, "path", address.value.path);
      if (address.value.mode !== 0) json["mode"] = address.value.mode;
      return { pipe: json };
    case "envoyInternalAddress":
      if (address.value.addressNameSpecifier.case !== undefined) {
        json["serverListenerName"] = address.value.addressNameSpecifier.value;
      }
      addText(json, "endpointId", address.value.endpointId);
      return { envoyInternalAddress: json };
    case undefined:
      return json;
  }
}

function normalizeSocketAddress(socket: SocketAddress): Json {
  const json: Json = {};
  if (socket.protocol !== SocketAddress_Protocol.TCP) {
    // A number without a name stands for itself.
    json["protocol"] = socket.protocol === SocketAddress_Protocol.UDP ? "UDP" : socket.protocol;
  }
  addText(json, "address", socket.address);
  if (socket.portSpecifier.case !== undefined) {
    json[socket.portSpecifier.case] = socket.portSpecifier.value;
  }
  addText(json, "resolverName", socket.resolverName);
  if (socket.ipv4Compat) json["ipv4Compat"] = true;
  return json;
}

function addText(json: Json, name: string, text: string): void {
  if (text !== "") json[name] = text;
}
