import assert from "node:assert/strict";
import { suite, test } from "node:test";
import { areTrailers, readRequestHead } from "../../../src/transport/http2/request-head.ts";
import type { Field } from "../../support/h2-wire.ts";

const start: readonly Field[] = [
  [":method", "POST"],
  [":scheme", "http"],
  [":path", "/a"],
];

function list(fields: readonly Field[]): Parameters<typeof readRequestHead>[0] {
  return {
    names: fields.map(([name]) => name),
    values: fields.map(([, value]) => value),
    sizeBytes: 0,
  };
}

const malformed: readonly { readonly name: string; readonly fields: readonly Field[] }[] = [
  { name: "nothing", fields: [] },
  ...[0, 1, 2].map((left) => ({
    name: `without ${start[left]?.[0]}`,
    fields: start.filter((_field, index) => index !== left),
  })),
  ...start.map((field) => ({ name: `${field[0]} twice`, fields: [...start, field] })),
  ...start.map(([name]) => ({
    name: `an empty ${name}`,
    fields: start.map((field) => (field[0] === name ? ([name, ""] as const) : field)),
  })),
  { name: "a pseudo field after another", fields: [["a", "b"], ...start] },
  { name: "an unknown pseudo field", fields: [...start, [":colour", "red"]] },
  { name: "a pseudo field of responses", fields: [...start, [":status", "200"]] },
  { name: "upper case", fields: [...start, ["X-A", "b"]] },
  { name: "no name", fields: [...start, ["", "b"]] },
  { name: "a space in a name", fields: [...start, ["a b", "b"]] },
  { name: "a colon in a name", fields: [...start, ["a:b", "b"]] },
  { name: "a name beyond ASCII", fields: [...start, ["\u00e9", "b"]] },
  { name: "NUL in a value", fields: [...start, ["a", "b\0c"]] },
  { name: "a line break in a value", fields: [...start, ["a", "b\r\nc: d"]] },
  { name: "a line break in :path", fields: [...start.slice(0, 2), [":path", "/\n"]] },
  { name: "connection", fields: [...start, ["connection", "close"]] },
  { name: "transfer-encoding", fields: [...start, ["transfer-encoding", "chunked"]] },
  { name: "te other than trailers", fields: [...start, ["te", "gzip"]] },
  { name: "a content-length that is no number", fields: [...start, ["content-length", "-1"]] },
  {
    name: "two content-lengths",
    fields: [...start, ["content-length", "1"], ["content-length", "2"]],
  },
  { name: "two hosts", fields: [...start, ["host", "a"], ["host", "b"]] },
  {
    name: "a host that is not the authority",
    fields: [...start, [":authority", "a"], ["host", "b"]],
  },
  { name: "a user in the authority", fields: [...start, [":authority", "u@a"]] },
  {
    name: "CONNECT with a path",
    fields: [
      [":method", "CONNECT"],
      [":authority", "a"],
      [":path", "/"],
    ],
  },
];

suite("a header list is malformed with", () => {
  for (const { name, fields } of malformed) {
    test(name, () => {
      assert.equal(readRequestHead(list(fields)), undefined);
    });
  }
});

const wellFormed: readonly {
  readonly name: string;
  readonly fields: readonly Field[];
  readonly want: object;
}[] = [
  { name: "the least", fields: start, want: { method: "POST", path: "/a" } },
  {
    name: "all that is read",
    fields: [
      ...start,
      [":authority", "a"],
      ["host", "a"],
      ["te", "trailers"],
      ["content-type", "application/grpc"],
      ["content-length", "12"],
      ["content-length", "12"],
      ["a", ""],
      ["b", "\u00e9 \u00ff"],
    ],
    want: { contentType: "application/grpc", contentLength: 12 },
  },
  {
    name: "CONNECT",
    fields: [
      [":method", "CONNECT"],
      [":authority", "a:443"],
    ],
    want: { method: "CONNECT", path: "" },
  },
];

suite("a header list is well-formed with", () => {
  for (const { name, fields, want } of wellFormed) {
    test(name, () => {
      const head = readRequestHead(list(fields));
      assert.deepEqual({ ...head, ...want }, head);
    });
  }
});

test("trailers have no pseudo fields", () => {
  assert.equal(areTrailers(list([["a", "b"]])), true);
  assert.equal(areTrailers(list([[":path", "/"]])), false);
  assert.equal(areTrailers(list([["connection", "close"]])), false);
});
