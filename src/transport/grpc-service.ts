import { acceptedEncodings, buildTrailersOnly, createTrailersOnly } from "./grpc-answers.ts";
import type { CallHead } from "./grpc-call.ts";
import { readMetadata } from "./grpc-metadata.ts";
import { parseGrpcTimeout } from "./grpc-timeout.ts";
import type { HeaderEntry } from "./hpack-encoder.ts";
import { createRefusalRoute } from "./http-refusal.ts";
import type { Http2Stream, Route, Service } from "./http2-stream.ts";
import type { Inflater } from "./inflater.ts";
import { type GrpcStatusCode, grpcStatus, type TransportOptions } from "./port.ts";
import type { RequestHead } from "./request-head.ts";
import { StreamingCallOnStream } from "./streaming-call.ts";
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
  const statusFrame = createTrailersOnly();
  return {
    headTooLarge: createRefusalRoute({ status: 431, text: "the header list is too large" }),
    route({ method, path, contentType: type, fields }) {
      if (type === undefined || !contentType.test(type)) {
        return method === "HEAD" ? wrongTypeOfHead : wrongType;
      }
      if (method !== "POST") {
        return wrongMethod;
      }
      const head = readCallHead(path, fields, { maxMessageBytes, inflater, statusFrame });
      if ("open" in head) {
        return head;
      }
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

/** The call's head, or the route of calls that cannot be taken. */
function readCallHead(
  path: string,
  fields: RequestHead["fields"],
  shared: Pick<CallHead, "maxMessageBytes" | "inflater" | "statusFrame">,
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
  return { path, timeoutMs, isGzip: encoding === "gzip", fields, ...shared };
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

const ignored = { isWaiting: false, data: () => {}, gone: () => {} };
