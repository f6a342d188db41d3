import assert from "node:assert/strict";
import { suite, test } from "node:test";
import { normalizeBySchema } from "../../../src/envoy/check-request/normalize-by-schema.ts";
import { normalizeCheckRequest } from "../../../src/envoy/check-request/normalize-check-request.ts";
import { defaultNormalizeOptions } from "../../../src/payload/normalize-options.ts";
import { RequestError } from "../../../src/payload/request-error.ts";

/** A field with wire type 2 that says its content is `more` bytes longer than it is. */
function field(number: number, content: readonly number[], more = 0): number[] {
  assert.ok(content.length + more < 0x80);
  return [number * 8 + 2, content.length + more, ...content];
}

const text = [0x61, 0x62];
/** What follows: a field of the request, so that whoever overruns has something to run into. */
const rest = field(2, [0x47, 0x45, 0x54]);

function http(content: readonly number[]): Uint8Array {
  return Uint8Array.from(field(1, field(4, field(2, [...content, ...rest]))));
}

function codeOf(message: Uint8Array): string {
  const input = normalizeCheckRequest(message, defaultNormalizeOptions);
  const complete = normalizeBySchema(message, defaultNormalizeOptions);
  assert.deepEqual(complete instanceof RequestError, input instanceof RequestError);
  return input instanceof RequestError ? input.code : "none";
}

suite("a field that does not end within its message is refused by both readers", () => {
  const cases = {
    "a key in its header": http([...field(3, field(1, text, 1)), ...field(4, text)]),
    "a value in its header": http([
      ...field(3, [...field(1, text), ...field(2, text, 2)]),
      ...field(4, text),
    ]),
    "a line in header_map": http([...field(13, field(1, field(1, text), 3)), ...field(4, text)]),
    "an unknown field in a header": http([...field(3, [...field(1, text), ...field(9, [], 4)])]),
    "http in its request": Uint8Array.from(
      field(1, [...field(4, field(2, rest, 2)), ...field(12, [])]),
    ),
    "the request in its attributes": Uint8Array.from([
      ...field(1, field(4, field(2, rest), 2)),
      ...field(9, []),
    ]),
    "a varint over the end of its message": http([...field(3, [0x48, 0x80]), 0x01, 0x00]),
    "a fixed64 over the end of its message": http(field(3, [0x49, 0, 0, 0])),
    "a fixed32 over the end of its message": http(field(3, [0x4d, 0, 0])),
    "a group over the end of its message": http([...field(3, [0x4b]), 0x4c]),
    "the end of a group that never began": http([0x7c]),
    "a varint of eleven bytes": http([0x78, ...Array.from({ length: 10 }, () => 0xff), 0x01]),
    "a value in an entry of filter_metadata": Uint8Array.from(
      field(1, [
        ...field(11, field(1, [...field(1, text), ...field(2, field(1, text), 2)])),
        ...field(4, field(2, rest)),
      ]),
    ),
  };
  for (const [name, message] of Object.entries(cases)) {
    test(name, () => {
      assert.equal(codeOf(message), "REQUEST_MALFORMED");
    });
  }
});

suite("a field of another wire type than its own is refused by both readers", () => {
  const cases = {
    "a number for the path": http([0x20, 0x02, 0x61, 0x62]),
    "a fixed64 for the path": http([0x21, ...text, ...text, ...text, ...text]),
    "a text for the size": http(field(9, [0x01])),
    "a number for a header": http([0x18, 0x01]),
    "a number for a header's name": http(field(3, [0x08, 0x01])),
    "a group for the path": http([0x23, 0x24]),
  };
  for (const [name, message] of Object.entries(cases)) {
    test(name, () => {
      assert.equal(codeOf(message), "REQUEST_MALFORMED");
    });
  }
});

suite("what is unusual and well nested is read", () => {
  const eight = Array.from({ length: 8 }, (_, index) => index);
  // A number, and a group in it that ends at once.
  const groupContent = [0x08, 0x01, 0x13, 0x14];
  const cases = {
    "unknown fields of every type": http([
      0x78,
      0x80,
      0x01,
      0x79,
      ...eight,
      ...field(15, text),
      0x7b,
      ...groupContent,
      0x7c,
      0x7d,
      ...eight.slice(0, 4),
    ]),
    "a message in two parts": Uint8Array.from([
      ...field(1, field(4, field(2, rest))),
      ...field(1, field(4, field(2, field(4, text)))),
    ]),
  };
  for (const [name, message] of Object.entries(cases)) {
    test(name, () => {
      assert.equal(codeOf(message), "none");
    });
  }
});
