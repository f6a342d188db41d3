import assert from "node:assert/strict";
import { suite, test } from "node:test";
import { normalizeCheckRequest } from "../../../src/envoy/check-request/normalize-check-request.ts";
import type { CheckInput } from "../../../src/model/check-input.ts";
import { defaultNormalizeOptions } from "../../../src/payload/normalize-options.ts";
import { RequestError } from "../../../src/payload/request-error.ts";
import { encodeCheckRequest } from "../../support/check-request-bytes.ts";

type Json = Parameters<typeof encodeCheckRequest>[0];

const options = { ...defaultNormalizeOptions, requireHttp: false };

function payloadOf(attributes: Json): unknown {
  const input = normalizeCheckRequest(encodeCheckRequest({ attributes }), options);
  return input instanceof RequestError ? input.code : input.payload;
}

function codeOf(input: CheckInput | RequestError): string {
  return input instanceof RequestError ? input.code : "none";
}

function base64(text: string | Buffer): string {
  return Buffer.from(text).toString("base64");
}

suite("protobuf's JSON form", () => {
  const cases: readonly { name: string; attributes: Json; want: Json }[] = [
    { name: "nothing set", attributes: {}, want: {} },
    {
      name: "messages that are set stay, even when empty",
      attributes: { source: { address: {} }, request: { http: {} }, tlsSession: {} },
      want: { source: { address: {} }, request: { http: {} }, tlsSession: {} },
    },
    {
      name: "members of a oneof stay at their default",
      attributes: {
        source: { address: { socketAddress: { portValue: 0 } } },
        destination: { address: { envoyInternalAddress: { serverListenerName: "" } } },
      },
      want: {
        source: { address: { socketAddress: { portValue: 0 } } },
        destination: { address: { envoyInternalAddress: { serverListenerName: "" } } },
      },
    },
    {
      name: "all fields of a socket address",
      attributes: {
        source: {
          address: {
            socketAddress: {
              protocol: "UDP",
              address: "::1",
              namedPort: "http",
              resolverName: "r",
              ipv4Compat: true,
            },
          },
        },
      },
      want: {
        source: {
          address: {
            socketAddress: {
              protocol: "UDP",
              address: "::1",
              namedPort: "http",
              resolverName: "r",
              ipv4Compat: true,
            },
          },
        },
      },
    },
    {
      name: "an enum without a name is its number; defaults are absent",
      attributes: { source: { address: { socketAddress: { protocol: 7, portValue: 1 } } } },
      want: { source: { address: { socketAddress: { protocol: 7, portValue: 1 } } } },
    },
    {
      name: "pipe and internal address",
      attributes: {
        source: { address: { pipe: { path: "/x", mode: 420 } } },
        destination: { address: { envoyInternalAddress: { endpointId: "e" } } },
      },
      want: {
        source: { address: { pipe: { path: "/x", mode: 420 } } },
        destination: { address: { envoyInternalAddress: { endpointId: "e" } } },
      },
    },
    {
      name: "int64 is text, bytes are base64",
      attributes: {
        request: { http: { size: "9007199254740993", rawBody: base64(Buffer.from([255, 0])) } },
      },
      want: { request: { http: { size: "9007199254740993", rawBody: "/wA=" } } },
    },
    {
      name: "metadata is plain JSON",
      attributes: {
        metadataContext: { filterMetadata: { f: { a: [1, null, true, { b: "c" }], n: 1e21 } } },
        routeMetadataContext: {
          typedFilterMetadata: {
            x: { "@type": "type.googleapis.com/google.protobuf.StringValue", value: "v" },
          },
        },
      },
      want: {
        metadataContext: { filterMetadata: { f: { a: [1, null, true, { b: "c" }], n: 1e21 } } },
        routeMetadataContext: {
          typedFilterMetadata: {
            x: { "@type": "type.googleapis.com/google.protobuf.StringValue", value: "v" },
          },
        },
      },
    },
  ];
  for (const { name, attributes, want } of cases) {
    test(name, () => {
      assert.deepEqual(payloadOf(attributes), want);
    });
  }

  const times = [
    "2024-06-26T07:08:32Z",
    "2024-06-26T07:08:32.500Z",
    "2024-06-26T07:08:32.000500Z",
    "2024-06-26T07:08:32.000000001Z",
    "1969-12-31T23:59:59.999Z",
    "0001-01-01T00:00:00Z",
    "9999-12-31T23:59:59.999999999Z",
  ];
  for (const time of times) {
    test(`time ${time}`, () => {
      assert.deepEqual(payloadOf({ request: { time } }), { request: { time } });
    });
  }
});

suite("header_map gives the view that headers would", () => {
  const cases: readonly { name: string; http: Json; want: Json }[] = [
    {
      name: "duplicates are joined, names are lower-cased, raw values count",
      http: {
        headerMap: {
          headers: [
            { key: "X-A", rawValue: base64("1") },
            { key: "x-a", value: "2" },
            { key: "x-b", value: "text", rawValue: base64("raw") },
            { key: "x-empty" },
          ],
        },
      },
      want: { headers: { "x-a": "1,2", "x-b": "raw", "x-empty": "" } },
    },
    {
      name: "cookie lines are one, as the application reads them",
      http: {
        headerMap: {
          headers: [
            { key: "Cookie", rawValue: base64("a=1") },
            { key: "cookie", value: "b=2,c; d=3" },
            { key: "cookie2", value: "x" },
            { key: "cookie2", value: "y" },
          ],
        },
      },
      want: { headers: { cookie: "a=1; b=2,c; d=3", cookie2: "x,y" } },
    },
    {
      name: "it alone counts when it is there",
      http: {
        headers: { "x-a": "spoofed", "x-c": "3" },
        headerMap: { headers: [{ key: "x-a", rawValue: base64("1") }] },
      },
      want: { headers: { "x-a": "1" } },
    },
    {
      name: "an empty one does not count",
      http: { headers: { "x-a": "1" }, headerMap: {} },
      want: { headers: { "x-a": "1" } },
    },
    {
      name: "UTF-8 stays, each byte of anything else becomes !",
      http: {
        headerMap: {
          headers: [
            { key: "ok", rawValue: base64("é日😀") },
            { key: "latin", rawValue: base64(Buffer.from([0x61, 0xe9, 0x62])) },
            { key: "cut", rawValue: base64(Buffer.from([0xe2, 0x82])) },
            { key: "overlong", rawValue: base64(Buffer.from([0xc0, 0xaf, 0xe0, 0x80, 0x80])) },
            { key: "surrogate", rawValue: base64(Buffer.from([0xed, 0xa0, 0x80])) },
            { key: "high", rawValue: base64(Buffer.from([0xf4, 0x90, 0x80, 0x80, 0x21])) },
            { key: "mixed", rawValue: base64(Buffer.from([0xc3, 0xa9, 0xff, 0xf0, 0x9f, 0x98])) },
          ],
        },
      },
      want: {
        headers: {
          ok: "é日😀",
          latin: "a!b",
          cut: "!!",
          overlong: "!!!!!",
          surrogate: "!!!",
          high: "!!!!!",
          mixed: "é!!!!",
        },
      },
    },
  ];
  for (const { name, http, want } of cases) {
    test(name, () => {
      assert.deepEqual(payloadOf({ request: { http } }), { request: { http: want } });
    });
  }
});

suite("names that objects inherit are ordinary keys", () => {
  const names = ["__proto__", "constructor", "toString", "hasOwnProperty"];
  test("in headers, labels, extensions and metadata", () => {
    const attributes: Json = {
      source: { labels: table(names) },
      contextExtensions: table(names),
      metadataContext: { filterMetadata: Object.fromEntries([["__proto__", table(names)]]) },
      request: { http: { headers: table(names) } },
    };
    assert.deepEqual(payloadOf(attributes), attributes);
  });

  test("in header_map, twice", () => {
    const headers = [...names, ...names].map(header);
    assert.deepEqual(payloadOf({ request: { http: { headerMap: { headers } } } }), {
      request: {
        http: { headers: Object.fromEntries(names.map((name) => [name.toLowerCase(), "v,v"])) },
      },
    });
  });
});

suite("what cannot be judged", () => {
  const manyHeaders = Object.fromEntries(
    Array.from({ length: 1_001 }, (_, index) => [`x-${index}`, ""]),
  );
  const cases: readonly { name: string; message: Uint8Array; want: string }[] = [
    { name: "empty", message: new Uint8Array(), want: "REQUEST_WITHOUT_HTTP" },
    {
      name: "without http",
      message: encodeCheckRequest({ attributes: { request: {} } }),
      want: "REQUEST_WITHOUT_HTTP",
    },
    { name: "no protobuf", message: Buffer.from("GET / HTTP/1.1"), want: "REQUEST_MALFORMED" },
    {
      name: "cut off",
      message: httpRequest({ path: "/x", method: "GET" }).subarray(0, -2),
      want: "REQUEST_MALFORMED",
    },
    {
      name: "bytes that are not UTF-8 in a path",
      message: httpBytes(field(4, [0x2f, 0xff])),
      want: "REQUEST_INVALID_UTF8",
    },
    {
      name: "bytes that are not UTF-8 in a header's value",
      message: httpBytes(field(3, [...field(1, [0x61]), ...field(2, [0xc3, 0x28])])),
      want: "REQUEST_INVALID_UTF8",
    },
    {
      name: "bytes that are not UTF-8 in a raw header's name",
      message: httpBytes(field(13, field(1, field(1, [0xff])))),
      want: "REQUEST_INVALID_UTF8",
    },
    {
      name: "too many headers",
      message: httpRequest({ headers: manyHeaders }),
      want: "REQUEST_TOO_MANY_HEADERS",
    },
    {
      name: "too many raw headers, all of one name",
      message: httpRequest({
        headerMap: { headers: Array.from({ length: 1_001 }, () => ({ key: "a" })) },
      }),
      want: "REQUEST_TOO_MANY_HEADERS",
    },
    {
      name: "a body over the limit",
      message: httpRequest({ body: "é".repeat(524_289) }),
      want: "REQUEST_TOO_LARGE",
    },
    {
      name: "a raw body over the limit",
      message: httpRequest({ rawBody: base64(Buffer.alloc(1_048_577)) }),
      want: "REQUEST_TOO_LARGE",
    },
    {
      name: "metadata nested too deep",
      message: attributesBytes([
        ...field(11, filterMetadata(nestedStruct(150))),
        ...field(4, field(2, [])),
      ]),
      want: "REQUEST_TOO_DEEP",
    },
    {
      name: "metadata nested far too deep",
      message: attributesBytes([
        ...field(11, filterMetadata(nestedStruct(1_000))),
        ...field(4, field(2, [])),
      ]),
      want: "REQUEST_TOO_DEEP",
    },
    {
      name: "groups nested too deep",
      message: Buffer.alloc(100_000, 0x1b),
      want: "REQUEST_MALFORMED",
    },
    {
      name: "a time out of range",
      // Seconds 0, nanoseconds 1,000,000,000.
      message: attributesBytes(
        field(4, [...field(1, [0x10, 0x80, 0x94, 0xeb, 0xdc, 0x03]), ...field(2, [])]),
      ),
      want: "REQUEST_MALFORMED",
    },
  ];
  for (const { name, message, want } of cases) {
    test(name, () => {
      assert.equal(codeOf(normalizeCheckRequest(message, defaultNormalizeOptions)), want);
    });
  }

  test("without http, where the original engine would judge it", () => {
    assert.deepEqual(normalizeCheckRequest(new Uint8Array(), options), {
      payload: {},
      sizeBytes: 0,
    });
  });

  test("what is just within the limits is judged", () => {
    const message = httpRequest({ body: "é".repeat(524_288) });
    assert.equal(codeOf(normalizeCheckRequest(message, defaultNormalizeOptions)), "none");
  });

  test("every cut and every flipped byte gives an input or a code", () => {
    const message = httpRequest({
      headers: { authorization: "Bearer é" },
      headerMap: { headers: [{ key: "a", rawValue: "/w==" }] },
    });
    for (let index = 0; index < message.length; index++) {
      for (const flip of [0x01, 0x80, 0xff]) {
        const broken = Uint8Array.from(message);
        broken[index] = (broken[index] ?? 0) ^ flip;
        assert.doesNotThrow(() => normalizeCheckRequest(broken, defaultNormalizeOptions));
      }
      assert.doesNotThrow(() =>
        normalizeCheckRequest(message.subarray(0, index), defaultNormalizeOptions),
      );
    }
  });
});

test("nothing of the message is kept", () => {
  const message = encodeCheckRequest({
    attributes: { request: { http: { path: "/a", rawBody: base64("abc") } } },
  });
  const input = normalizeCheckRequest(message, defaultNormalizeOptions);
  message.fill(0);
  assert.deepEqual(input, {
    payload: { request: { http: { path: "/a", rawBody: base64("abc") } } },
    sizeBytes: message.length,
  });
});

/** A field with wire type 2. */
function field(number: number, content: readonly number[]): number[] {
  const length: number[] = [];
  for (let rest = content.length; ; rest >>>= 7) {
    length.push(rest > 0x7f ? (rest & 0x7f) | 0x80 : rest);
    if (rest <= 0x7f) break;
  }
  return [number * 8 + 2, ...length, ...content];
}

function attributesBytes(content: readonly number[]): Uint8Array {
  return Uint8Array.from(field(1, content));
}

function httpBytes(content: readonly number[]): Uint8Array {
  return attributesBytes(field(4, field(2, content)));
}

function filterMetadata(struct: readonly number[]): number[] {
  return field(1, [...field(1, [0x66]), ...field(2, struct)]);
}

/** A Struct with the one field `d`, from the bytes of its Value. */
function structOf(value: readonly number[]): number[] {
  return field(1, [...field(1, [0x64]), ...field(2, value)]);
}

function nestedStruct(levels: number): number[] {
  let struct: number[] = [];
  for (let level = 0; level < levels; level++) struct = structOf(field(5, struct));
  return struct;
}

function httpRequest(http: Json): Uint8Array {
  return encodeCheckRequest({ attributes: { request: { http } } });
}

function header(key: string): Json {
  return { key, rawValue: base64("v") };
}

function table(keys: readonly string[]): Json {
  return Object.fromEntries(keys.map((key) => [key, "v"]));
}
