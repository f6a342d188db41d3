import { type GrpcStatusCode, grpcStatus, type TransportOptions } from "../grpc-transport.ts";
import type { HeaderEntry } from "../hpack/encoder.ts";
import { createRefusalRoute } from "../http2/http-refusal.ts";
import type { RequestHead } from "../http2/request-head.ts";
import type { HeadFault, Http2Stream, Route, Service } from "../http2/stream.ts";
import { acceptedEncodings, buildTrailersOnly, createTrailersOnly } from "./answers.ts";
import type { CallHead } from "./call.ts";
import type { Inflater } from "./inflater.ts";
import { readMetadata } from "./metadata.ts";
import { StreamingCallOnStream } from "./streaming-call.ts";
import { parseGrpcTimeout } from "./timeout.ts";
import { UnaryCallOnStream } from "./unary-call.ts";

const wrongTypeText = "this is a gRPC server: content-type has to be application/grpc";
const wrongType = createRefusalRoute({ status: 415, text: wrongTypeText });
const wrongTypeOfHead = createRefusalRoute({ status: 415, text: wrongTypeText, withoutBody: true });
const wrongMethod = createRefusalRoute({
  status: 405,
  text: "gRPC calls are POST requests",
  headers: [["allow", "POST"]],
});

/** Messages of these types are bytes; `+json` and others would have to be translated. */
const contentType = /^application\/grpc(?:\+proto)?(?:[ \t]*;|$)/i;

/**
 * Returns what stands behind connections: gRPC over HTTP/2, as its protocol text says.
 *
 * @param inflater where long messages are inflated
 */
export function createGrpcService(options: TransportOptions, inflater: Inflater): Service {
  const { maxMessageBytes, handlers, streamingHandlers } = options;
  const onFault = options.onFault ?? (() => {});
  const shared = { maxMessageBytes, inflater, onFault, statusFrame: createTrailersOnly() };
  return {
    headTooLarge: createRefusalRoute({ status: 431, text: "the header list is too large" }),
    refuse({ method, path, contentType: type, fields }, fault) {
      const handler = handlers.get(path);
      if (handler === undefined || method !== "POST" || !isGrpc(type)) return undefined;
      const head = readCallHead(path, fields, fault, shared);
      return "open" in head
        ? head
        : { open: (stream) => new UnaryCallOnStream(stream, head, handler) };
    },
    route({ method, path, contentType: type, fields }) {
      if (!isGrpc(type)) return method === "HEAD" ? wrongTypeOfHead : wrongType;
      if (method !== "POST") return wrongMethod;
      const head = readCallHead(path, fields, undefined, shared);
      if ("open" in head) return head;
      const unary = handlers.get(path);
      if (unary !== undefined) {
        return { open: (stream) => new UnaryCallOnStream(stream, head, unary) };
      }
      const streaming = streamingHandlers?.get(path);
      if (streaming !== undefined) {
        return { open: (stream) => new StreamingCallOnStream(stream, head, streaming) };
      }
      return createStatusRoute(grpcStatus.UNIMPLEMENTED, "unknown method");
    },
  };
}

function isGrpc(type: string | undefined): boolean {
  return type !== undefined && contentType.test(type);
}

/** The call's head, or the route of calls that cannot be taken. */
function readCallHead(
  path: string,
  fields: RequestHead["fields"],
  fault: HeadFault | undefined,
  shared: Pick<CallHead, "maxMessageBytes" | "inflater" | "onFault" | "statusFrame">,
): CallHead | Route {
  const timeout = readMetadata(fields, "grpc-timeout");
  const timeoutMs = timeout === undefined ? undefined : parseGrpcTimeout(timeout);
  if (timeout !== undefined && timeoutMs === undefined) {
    return createStatusRoute(grpcStatus.INTERNAL, "malformed grpc-timeout");
  }
  const encoding = readMetadata(fields, "grpc-encoding") ?? "identity";
  if (encoding !== "identity" && encoding !== "gzip") {
    return createStatusRoute(grpcStatus.UNIMPLEMENTED, "unknown grpc-encoding", [
      ["grpc-accept-encoding", acceptedEncodings],
    ]);
  }
  // Nobody asks for the fields of a call that is refused, which may be large.
  const kept = fault === undefined ? fields : noFields;
  return { path, timeoutMs, isGzip: encoding === "gzip", fields: kept, fault, ...shared };
}

/** A route that answers with a status, without waiting for the request. */
function createStatusRoute(
  status: GrpcStatusCode,
  details: string,
  more?: readonly HeaderEntry[],
): Route {
  const frame = buildTrailersOnly(status, details, more);
  return {
    open(stream: Http2Stream) {
      stream.carrier.sendHeaders(stream, frame, true);
      return ignored;
    },
  };
}

const noFields: RequestHead["fields"] = { names: [], values: [], sizeBytes: 0 };

const ignored = { isWaiting: false, data: () => {}, gone: () => {} };
