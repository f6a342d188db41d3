import { create, type MessageInitShape, toBinary } from "@bufbuild/protobuf";
import type { AddressSchema } from "../gen/envoy/config/core/v3/address_pb.ts";
import { CheckRequestSchema } from "../gen/envoy/service/auth/v3/external_auth_pb.ts";

/** A request that a client makes and Envoy asks about, with the verdict it has to get. */
export interface CheckSpec {
  readonly method: string;
  /** With its query, if any. {@link callDigits} in it stands for ten digits that differ from call to call. */
  readonly path: string;
  /** What this request has besides the headers that all have, by lower-case name. */
  readonly headers: Readonly<Record<string, string>>;
  /** Sent along as Envoy's `with_request_body` does. */
  readonly body?: string;
  readonly allowed: boolean;
}

/** The mark in a path that stands for the call's own digits. */
export const callDigits = "{call}";

/** The parts of Envoy's requests that differ from call to call. */
export interface CallMarks {
  /** Ten decimal digits: the end of Envoy's stream id, and in the path if it asks for them. */
  readonly idDigits: string;
  /** Eight hexadecimal digits, the end of `x-request-id`. */
  readonly requestIdDigits: string;
  readonly seconds: number;
  readonly nanos: number;
  readonly sourcePort: number;
}

const host = "books.example.com";

/** Returns the headers of a request as its client sends them, by lower-case name, `host` left out. */
export function clientHeaders(spec: CheckSpec): Record<string, string> {
  return {
    accept: "application/json, text/plain, */*",
    "accept-encoding": "gzip, deflate, br, zstd",
    "accept-language": "en-GB,en;q=0.9,de;q=0.7",
    "cache-control": "no-cache",
    traceparent: "00-4bf92f3577b34da6a3ce929d0e0e4736-00f067aa0ba902b7-01",
    "user-agent":
      "Mozilla/5.0 (X11; Linux x86_64) AppleWebKit/537.36 (KHTML, like Gecko) Chrome/142.0.0.0 Safari/537.36",
    ...spec.headers,
  };
}

/** Returns the bytes of the `CheckRequest` that Envoy sends about a request: about 1.1 KB with a token among the headers. */
export function buildCheckRequest(spec: CheckSpec, marks: CallMarks): Uint8Array {
  const path = pathOf(spec, marks.idDigits);
  const message = create(CheckRequestSchema, {
    attributes: {
      source: { address: socketAddress("10.42.7.31", marks.sourcePort) },
      destination: { address: socketAddress("10.42.3.12", 8080) },
      request: {
        time: { seconds: BigInt(marks.seconds), nanos: marks.nanos },
        http: {
          id: `862394417${marks.idDigits}`,
          method: spec.method,
          headers: envoyHeaders(spec, path, marks),
          path,
          host,
          scheme: "http",
          size: BigInt(spec.body === undefined ? -1 : Buffer.byteLength(spec.body)),
          protocol: "HTTP/1.1",
          body: spec.body ?? "",
        },
      },
      metadataContext: {},
      routeMetadataContext: {},
    },
  });
  return toBinary(CheckRequestSchema, message);
}

/** Returns the path of a request in the call with those ten digits. */
export function pathOf({ path }: CheckSpec, digits: string): string {
  return path.replaceAll(callDigits, digits);
}

function envoyHeaders(spec: CheckSpec, path: string, marks: CallMarks): Record<string, string> {
  return {
    ":authority": host,
    ":method": spec.method,
    ":path": path,
    ":scheme": "http",
    ...clientHeaders(spec),
    "x-envoy-internal": "true",
    "x-forwarded-for": "10.42.7.31",
    "x-forwarded-proto": "http",
    "x-request-id": `f3b0a9c1-6e0d-4c55-9d2a-7be4${marks.requestIdDigits}`,
  };
}

function socketAddress(address: string, port: number): MessageInitShape<typeof AddressSchema> {
  const portSpecifier = { case: "portValue", value: port } as const;
  return { address: { case: "socketAddress", value: { address, portSpecifier } } };
}
