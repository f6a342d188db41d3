import assert from "node:assert/strict";
import { existsSync, readFileSync } from "node:fs";
import { suite, test } from "node:test";
import { create, type DescMessage, type MessageInitShape, toBinary } from "@bufbuild/protobuf";
import {
  anyPack,
  BytesValueSchema,
  DoubleValueSchema,
  ListValueSchema,
  NullValue,
  StringValueSchema,
  StructSchema,
  ValueSchema,
} from "@bufbuild/protobuf/wkt";
import { normalizeBySchema } from "../../../src/envoy/check-request/normalize-by-schema.ts";
import { normalizeCheckRequest } from "../../../src/envoy/check-request/normalize-check-request.ts";
import { AddressSchema } from "../../../src/gen/envoy/config/core/v3/address_pb.ts";
import { CheckRequestSchema } from "../../../src/gen/envoy/service/auth/v3/external_auth_pb.ts";
import type { PayloadReads } from "../../../src/model/payload-reads.ts";
import { defaultNormalizeOptions } from "../../../src/payload/normalize-options.ts";
import { RequestError } from "../../../src/payload/request-error.ts";
import { valueAt } from "../../support/json-path.ts";

const prefix = "type.googleapis.com/";
const nan = { kind: { case: "numberValue", value: Number.NaN } } as const;
const infinity = { kind: { case: "numberValue", value: -Infinity } } as const;

function pack<T extends DescMessage>(schema: T, init: MessageInitShape<T>) {
  return anyPack(schema, create(schema, init));
}

type Any = MessageInitShape<typeof import("@bufbuild/protobuf/wkt").AnySchema>;

function requestWith(any: Any): Uint8Array {
  return toBinary(
    CheckRequestSchema,
    create(CheckRequestSchema, {
      attributes: {
        request: { http: { method: "GET", path: "/" } },
        metadataContext: { typedFilterMetadata: { x: any } },
      },
    }),
  );
}

function shownAs(any: Any): unknown {
  const message = requestWith(any);
  const input = normalizeCheckRequest(message, defaultNormalizeOptions);
  // Both readers agree, whatever they are shown.
  assert.deepEqual(input, normalizeBySchema(message, defaultNormalizeOptions));
  assert.ok(!(input instanceof RequestError));
  return valueAt(input.payload, ["metadataContext", "typedFilterMetadata", "x"]);
}

suite("an Any in typed metadata", () => {
  const cases: readonly { name: string; any: Any; want: unknown }[] = [
    {
      name: "of an unknown type",
      any: {
        typeUrl: `${prefix}envoy.data.core.v3.TlvsMetadata`,
        value: Uint8Array.of(10, 1, 255),
      },
      want: { "@type": `${prefix}envoy.data.core.v3.TlvsMetadata`, value: "CgH/" },
    },
    {
      name: "of an unknown type, without bytes",
      any: { typeUrl: `${prefix}acme.Route` },
      want: { "@type": `${prefix}acme.Route`, value: "" },
    },
    { name: "of no type", any: {}, want: {} },
    {
      name: "of no type, with bytes",
      any: { value: Uint8Array.of(1) },
      want: { "@type": "", value: "AQ==" },
    },
    {
      name: "with a type without a slash",
      any: { typeUrl: "acme.Route", value: Uint8Array.of(1) },
      want: { "@type": "acme.Route", value: "AQ==" },
    },
    {
      name: "of a known type",
      any: pack(StringValueSchema, { value: "v" }),
      want: { "@type": `${prefix}google.protobuf.StringValue`, value: "v" },
    },
    {
      name: "of a known type with bytes that are not of it",
      any: { typeUrl: `${prefix}google.protobuf.StringValue`, value: Uint8Array.of(10, 9, 65) },
      want: { "@type": `${prefix}google.protobuf.StringValue`, value: "CglB" },
    },
    {
      name: "of a known type with text that is not UTF-8",
      any: { typeUrl: `${prefix}google.protobuf.StringValue`, value: Uint8Array.of(10, 1, 255) },
      want: { "@type": `${prefix}google.protobuf.StringValue`, value: "CgH/" },
    },
    {
      name: "with a time that has no text",
      any: {
        typeUrl: `${prefix}google.protobuf.Timestamp`,
        value: Uint8Array.of(0x10, 0x80, 0x94, 0xeb, 0xdc, 0x03),
      },
      want: { "@type": `${prefix}google.protobuf.Timestamp`, value: "EICU69wD" },
    },
    {
      name: "an Address",
      any: pack(AddressSchema, {
        address: {
          case: "socketAddress",
          value: { address: "10.0.0.7", portSpecifier: { case: "portValue", value: 80 } },
        },
      }),
      want: {
        "@type": `${prefix}envoy.config.core.v3.Address`,
        socketAddress: { address: "10.0.0.7", portValue: 80 },
      },
    },
    {
      name: "a number that JSON has not",
      any: pack(DoubleValueSchema, { value: Number.NaN }),
      want: { "@type": `${prefix}google.protobuf.DoubleValue`, value: "NaN" },
    },
    {
      name: "such a number in a Struct",
      any: pack(StructSchema, {
        fields: {
          a: nan,
          ["__proto__"]: { kind: { case: "listValue", value: { values: [infinity] } } },
        },
      }),
      want: {
        "@type": `${prefix}google.protobuf.Struct`,
        value: Object.fromEntries([
          ["a", "NaN"],
          ["__proto__", ["-Infinity"]],
        ]),
      },
    },
    {
      name: "such a number in a list",
      any: pack(ListValueSchema, {
        values: [nan, { kind: { case: "nullValue", value: NullValue.NULL_VALUE } }, {}],
      }),
      want: { "@type": `${prefix}google.protobuf.ListValue`, value: ["NaN", null, null] },
    },
    {
      name: "such a number alone",
      any: pack(ValueSchema, infinity),
      want: { "@type": `${prefix}google.protobuf.Value`, value: "-Infinity" },
    },
    {
      name: "in an Any",
      any: anyPack(BytesValueSchema, create(BytesValueSchema, { value: Uint8Array.of(1) })),
      want: { "@type": `${prefix}google.protobuf.BytesValue`, value: "AQ==" },
    },
  ];
  for (const { name, any, want } of cases) {
    test(name, () => {
      assert.deepEqual(shownAs(any), want);
    });
  }
});

test("numbers that JSON has not are text, the others stay numbers", () => {
  const message = toBinary(
    CheckRequestSchema,
    create(CheckRequestSchema, {
      attributes: {
        request: { http: { method: "GET" } },
        routeMetadataContext: {
          filterMetadata: {
            f: { a: Number.NaN, b: [Infinity, { c: -Infinity }], d: 1.5, e: null },
          },
        },
      },
    }),
  );
  const input = normalizeCheckRequest(message, defaultNormalizeOptions);
  assert.deepEqual(input, normalizeBySchema(message, defaultNormalizeOptions));
  assert.ok(!(input instanceof RequestError));
  assert.deepEqual(valueAt(input.payload, ["routeMetadataContext", "filterMetadata", "f"]), {
    a: "NaN",
    b: ["Infinity", { c: "-Infinity" }],
    d: 1.5,
    e: null,
  });
});

/** A field with wire type 2. */
function field(number: number, content: readonly number[]): number[] {
  return [number * 8 + 2, content.length, ...content];
}

suite("metadata that cannot be read refuses a request only where policies read it", () => {
  const http = field(4, field(2, field(2, [0x47, 0x45, 0x54])));
  const broken = {
    "text that is not UTF-8": field(1, field(1, [0xff])),
    "a message that overruns": field(1, [0x0a, 0x7f]),
    "no protobuf at all": [0x07],
    "a number for a message": [0x08, 0x01],
  };
  const withMethod: PayloadReads = [["request", "http", "method"]];
  for (const [name, metadata] of Object.entries(broken)) {
    for (const number of [11, 13]) {
      test(`${name}, field ${number}`, () => {
        // The last one is for the complete reader: a field that comes twice.
        for (const extra of [[], [...field(12, []), ...field(12, [])]]) {
          const message = Uint8Array.from(
            field(1, [...field(number, metadata), ...http, ...extra]),
          );
          assert.deepEqual(normalizeCheckRequest(message, defaultNormalizeOptions, withMethod), {
            payload: { request: { http: { method: "GET" } } },
            sizeBytes: message.length,
          });
          const own = number === 11 ? "metadataContext" : "routeMetadataContext";
          for (const reads of [undefined, [[own]], [...withMethod, [own, "filterMetadata"]]]) {
            const input = normalizeCheckRequest(message, defaultNormalizeOptions, reads);
            assert.ok(input instanceof RequestError, JSON.stringify(reads));
            assert.notEqual(input.code, "REQUEST_WITHOUT_HTTP");
          }
        }
      });
    }
  }
});

const casesFolder = new URL("../../../../shared/cases/typed-metadata-any/", import.meta.url);
for (const name of ["request-tlvs.b64", "request-route.b64"]) {
  const file = new URL(name, casesFolder);
  test(`${name} of the reported cases is read`, {
    skip: !existsSync(file) && "the reported cases are not beside the project",
  }, () => {
    const message = Buffer.from(readFileSync(file, "utf8"), "base64");
    const input = normalizeCheckRequest(message, defaultNormalizeOptions);
    assert.ok(!(input instanceof RequestError));
    assert.equal(valueAt(input.payload, ["request", "http", "method"]), "GET");
  });
}
