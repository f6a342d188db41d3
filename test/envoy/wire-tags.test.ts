import assert from "node:assert/strict";
import { readdirSync, readFileSync } from "node:fs";
import { suite, test } from "node:test";
import { create, type DescField, type DescMessage, ScalarType, toBinary } from "@bufbuild/protobuf";
import { reflect } from "@bufbuild/protobuf/reflect";
import { TimestampSchema } from "@bufbuild/protobuf/wkt";
import { encodeVarint } from "../../src/envoy/encode-varint.ts";
import { lastFieldOf, mapEntryFields, tagOf, wireType } from "../../src/envoy/wire-tags.ts";
import {
  AddressSchema,
  SocketAddressSchema,
} from "../../src/gen/envoy/config/core/v3/address_pb.ts";
import { HeaderMapSchema, HeaderValueSchema } from "../../src/gen/envoy/config/core/v3/base_pb.ts";
import {
  AttributeContext_HttpRequestSchema,
  AttributeContext_PeerSchema,
  AttributeContext_RequestSchema,
  AttributeContext_TLSSessionSchema,
  AttributeContextSchema,
} from "../../src/gen/envoy/service/auth/v3/attribute_context_pb.ts";
import {
  CheckRequestSchema,
  CheckResponseSchema,
  DeniedHttpResponseSchema,
} from "../../src/gen/envoy/service/auth/v3/external_auth_pb.ts";

const schemas: readonly DescMessage[] = [
  AddressSchema,
  AttributeContextSchema,
  AttributeContext_HttpRequestSchema,
  AttributeContext_PeerSchema,
  AttributeContext_RequestSchema,
  AttributeContext_TLSSessionSchema,
  CheckRequestSchema,
  CheckResponseSchema,
  DeniedHttpResponseSchema,
  HeaderMapSchema,
  HeaderValueSchema,
  SocketAddressSchema,
  TimestampSchema,
];

/** The bytes of a message in which that field alone is set. */
function encodeOnly(schema: DescMessage, field: DescField): Uint8Array {
  const message = reflect(schema, create(schema));
  switch (field.fieldKind) {
    case "message":
      message.set(field, reflect(field.message, create(field.message)));
      break;
    case "map":
      message.get(field).set("k", "v");
      break;
    case "list":
      assert.ok(field.listKind !== "enum");
      message
        .get(field)
        .add(field.listKind === "message" ? reflect(field.message, create(field.message)) : "v");
      break;
    case "enum":
      message.set(field, 1);
      break;
    case "scalar":
      message.set(field, scalarOf(field.scalar));
  }
  return toBinary(schema, message.message);
}

function scalarOf(scalar: ScalarType): unknown {
  if (scalar === ScalarType.STRING) return "v";
  if (scalar === ScalarType.BYTES) return Uint8Array.of(1);
  if (scalar === ScalarType.BOOL) return true;
  return scalar === ScalarType.INT64 ? 1n : 1;
}

suite("tags are those that the generated types write", () => {
  for (const schema of schemas) {
    test(schema.typeName, () => {
      for (const field of schema.fields) {
        const bytes = encodeOnly(schema, field);
        const tag = encodeVarint(tagOf(field));
        assert.deepEqual([...bytes.subarray(0, tag.length)], tag, field.name);
        assert.ok(field.number <= lastFieldOf(schema));
        if (field.fieldKind !== "map") continue;
        // The length of the only entry follows the tag.
        const entry = bytes.subarray(tag.length + 1);
        assert.equal(entry[0], (mapEntryFields.key << 3) | wireType.bytes);
        assert.equal(entry[3], (mapEntryFields.value << 3) | wireType.bytes);
      }
    });
  }
});

test("readers and writers take no field by a number of their own", () => {
  const folder = new URL("../../src/envoy/", import.meta.url);
  const named = readdirSync(folder, { recursive: true, encoding: "utf8" })
    .filter((path) => /^(?:check-request\/)?(?:build|drop|read)-.*\.ts$/.test(path))
    .flatMap((path) => {
      const text = readFileSync(new URL(path, folder), "utf8");
      const found = text.matchAll(
        /^(?:const \w*(?:tag|field)\w* = |\s+\w+: (?=0x))(?:0x)?[0-9a-f]+[,;]$/gim,
      );
      return [...found].map(([line]) => `${path}: ${line.trim()}`);
    });
  assert.deepEqual(named, []);
});
