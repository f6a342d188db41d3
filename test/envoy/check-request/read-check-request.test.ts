import assert from "node:assert/strict";
import { existsSync, readFileSync } from "node:fs";
import { suite, test } from "node:test";
import { normalizeBySchema } from "../../../src/envoy/check-request/normalize-by-schema.ts";
import { normalizeCheckRequest } from "../../../src/envoy/check-request/normalize-check-request.ts";
import { readCheckRequest } from "../../../src/envoy/check-request/read-check-request.ts";
import { type PayloadReads, readsEverything } from "../../../src/model/payload-reads.ts";
import {
  defaultNormalizeOptions,
  type NormalizeOptions,
} from "../../../src/payload/normalize-options.ts";
import { selectionOf } from "../../../src/payload/payload-selection.ts";
import { encodeCheckRequest } from "../../support/check-request-bytes.ts";
import { mutateProtobuf } from "../../support/mutate-protobuf.ts";
import { cutToReads, randomReads, roundReads } from "../../support/payload-reads.ts";
import { createRandom } from "../../support/random.ts";
import { readJsonLine } from "../../support/read-json-line.ts";
import { countOf } from "../../support/test-effort.ts";

type Json = Parameters<typeof encodeCheckRequest>[0];

const mutations = countOf(100_000, 10);
const seed = Number(process.env["TEST_SEED"] ?? 6);

const vectors = [
  new URL("../../conformance/own/check-authz.jsonl", import.meta.url),
  new URL("../../../../shared/conformance/upstream/check-upstream.jsonl", import.meta.url),
]
  .filter((file) => existsSync(file))
  .flatMap((file) => readFileSync(file, "utf8").trimEnd().split("\n"))
  .map((line): { readonly checkRequest: Json } => readJsonLine(line));

/** What the vectors leave out. */
const rareRequests: readonly Json[] = [
  {
    source: {
      address: { socketAddress: { address: "::1", portValue: 0 } },
      labels: { a: "1", ["__proto__"]: "x" },
      service: "s",
      principal: "p",
      certificate: "c",
    },
    destination: { address: { pipe: { path: "/x", mode: 420 } } },
    request: {
      time: "2026-11-23T18:14:01.000001Z",
      http: {
        id: "1",
        method: "PUT",
        path: "/é?x=日",
        host: "h",
        scheme: "https",
        query: "q",
        fragment: "f",
        size: "-1",
        protocol: "HTTP/2",
        body: "some bödy",
        rawBody: "/wA=",
        headers: { a: "1", "": "2", ["__proto__"]: "x", "x-é": "ü", "1": "3" },
      },
    },
    contextExtensions: { virtual_host: "v", ["__proto__"]: "x" },
    metadataContext: {
      filterMetadata: { f: { a: [1, null, true, { b: "c" }], n: 1e21, s: "é" } },
    },
    tlsSession: { sni: "sni.example" },
    routeMetadataContext: {
      typedFilterMetadata: {
        x: { "@type": "type.googleapis.com/google.protobuf.StringValue", value: "v" },
      },
    },
  },
  {
    source: {
      address: { socketAddress: { protocol: "UDP", namedPort: "http", ipv4Compat: true } },
    },
    destination: { address: { envoyInternalAddress: { serverListenerName: "l" } } },
    request: {
      time: "1969-12-31T23:59:59.999Z",
      http: {
        headers: { "x-a": "spoofed" },
        size: "9007199254740993",
        headerMap: {
          headers: [
            { key: "X-A", rawValue: "MQ==" },
            { key: "x-a", value: "2" },
            { key: "x-b", value: "t", rawValue: "/8Op" },
            { key: "__proto__", rawValue: "MQ==" },
            { value: "without a name" },
          ],
        },
      },
    },
    metadataContext: {},
    tlsSession: {},
    routeMetadataContext: {},
  },
  { request: { http: {} } },
  { request: { http: { headerMap: {} } }, source: {}, destination: { address: {} } },
];

const messages: readonly Uint8Array[] = [
  ...vectors.map(({ checkRequest }) => encodeCheckRequest(checkRequest)),
  ...rareRequests.map((attributes) => encodeCheckRequest({ attributes })),
];

const optionSets: readonly NormalizeOptions[] = [
  defaultNormalizeOptions,
  { ...defaultNormalizeOptions, requireHttp: false },
  { ...defaultNormalizeOptions, maxDepth: 6 },
  { ...defaultNormalizeOptions, maxHeaders: 3, maxBodyBytes: 8, maxDepth: 9 },
  { ...defaultNormalizeOptions, maxDepth: 5 },
];

suite("the lean reader gives what the generated types give", () => {
  test("on every vector, and within the usual bounds it reads nearly all of them itself", () => {
    for (const message of messages) {
      for (const options of optionSets) {
        const want = normalizeBySchema(message, options);
        assert.deepEqual(normalizeCheckRequest(message, options), want);
        compareOwn(message, options, want);
      }
    }
    const own = messages.filter((message) =>
      readCheckRequest(message, defaultNormalizeOptions, readsEverything),
    );
    assert.ok(own.length > messages.length * 0.9, `${own.length} of ${messages.length}`);
  });

  test("cut down to what is read, whatever that is", () => {
    const random = createRandom(seed);
    for (const message of messages) {
      for (const options of optionSets) {
        for (let count = 0; count < 20; count++) {
          const reads = randomReads(random);
          const want = readBySchema(message, options, reads);
          assert.deepEqual(normalizeCheckRequest(message, options, reads), want);
          compareOwn(message, options, want, reads);
        }
      }
    }
    const reads = [["request", "http", "headers", "authorization"]];
    const own = messages.filter((message) =>
      readCheckRequest(message, defaultNormalizeOptions, reads),
    );
    assert.ok(own.length > messages.length * 0.9, `${own.length} of ${messages.length}`);
  });

  test("headers whose value stands in front of the name, and names of every length", () => {
    const names = [
      "",
      "a",
      "x-é",
      "é日😀",
      "__proto__",
      "x".repeat(255),
      "x".repeat(300),
      "\u212a",
    ];
    const crafted = names.flatMap((name) => {
      const [key, value] = [field(0x0a, Buffer.from(name)), field(0x12, Buffer.from("v"))];
      const raw = field(0x1a, Buffer.from("r"));
      const other = field(0x0a, Buffer.from("other"));
      const orders = [
        [key, value],
        [value, key],
        [other, value, key],
        [key, value, other],
        [value, key, value],
        [raw, key],
        [key, raw, value],
        [other, raw, key],
      ].map((parts) => Buffer.concat(parts));
      return orders.flatMap((entry) => [
        requestWith(field(0x1a, entry)),
        requestWith(field(0x6a, field(0x0a, entry))),
      ]);
    });
    for (const message of crafted) {
      for (const name of [...names, ...names.map((upper) => upper.toLowerCase()), "other"]) {
        const reads = [["request", "http", "headers", name]];
        const want = readBySchema(message, defaultNormalizeOptions, reads);
        assert.deepEqual(
          normalizeCheckRequest(message, defaultNormalizeOptions, reads),
          want,
          name,
        );
      }
    }
  });

  test("a field whose number ends in the same bits as the request's is not the request", () => {
    // Fields 36 and 34, of AttributeContext and of its request.
    for (const inner of [Buffer.of(0xa2, 0x02, 0), field(0x22, Buffer.of(0x92, 0x02, 0))]) {
      const message = field(0x0a, inner);
      for (const reads of [readsEverything, []]) {
        assert.deepEqual(
          normalizeCheckRequest(message, defaultNormalizeOptions, reads),
          normalizeBySchema(message, defaultNormalizeOptions),
        );
      }
    }
  });

  test("at every bound on depth", () => {
    for (const attributes of rareRequests) {
      const message = encodeCheckRequest({ attributes });
      for (let maxDepth = 0; maxDepth < 30; maxDepth++) {
        const options = { ...defaultNormalizeOptions, maxDepth };
        assert.deepEqual(
          normalizeCheckRequest(message, options),
          normalizeBySchema(message, options),
          `${maxDepth}`,
        );
      }
    }
  });

  test("on more header names than are kept, long texts, and sizes around every bound", () => {
    const lengths = [
      0, 1, 63, 64, 65, 127, 128, 2_047, 2_048, 16_383, 16_384, 1_048_576, 1_048_577,
    ];
    const bodies = lengths.flatMap((length) => ["x".repeat(length), `${"x".repeat(length)}é`]);
    const requests: readonly Json[] = [
      ...Array.from({ length: 200 }, (_, row): Json => {
        const names = Array.from({ length: 100 }, (__, column) => `x-${row}-${column}`);
        return { headers: Object.fromEntries(names.map((name) => [name, name])) };
      }),
      ...bodies.map((body): Json => ({ body, headers: { [body.slice(0, 100_000)]: body } })),
      ...lengths.map((length): Json => ({ rawBody: Buffer.alloc(length, 255).toString("base64") })),
    ];
    for (const http of requests) {
      const message = encodeCheckRequest({ attributes: { request: { http } } });
      assert.deepEqual(
        normalizeCheckRequest(message, defaultNormalizeOptions),
        normalizeBySchema(message, defaultNormalizeOptions),
      );
    }
  });

  test("on large messages too, all of whose texts stay what they are", () => {
    const headers = { "x-short": "a", "x-é": "ü", "x-long": "b".repeat(5_000) };
    for (const body of ["x".repeat(131_072), "é€😀".repeat(60_000), `${"x".repeat(300_000)}ß`]) {
      const http = { method: "POST", path: "/a", host: "example.com", headers, body };
      const message = encodeCheckRequest({ attributes: { request: { http } } });
      const want = normalizeBySchema(message, defaultNormalizeOptions);
      assert.equal(compareOwn(message, defaultNormalizeOptions, want), 1);
      const reads = [["request", "http", "headers", "x-short"]];
      const cut = readBySchema(message, defaultNormalizeOptions, reads);
      assert.equal(compareOwn(message, defaultNormalizeOptions, cut, reads), 1);
      // In the middle of the body.
      message[message.length - 1_000] = 0xff;
      assert.equal(readCheckRequest(message, defaultNormalizeOptions, readsEverything), undefined);
      assert.ok(!("payload" in normalizeCheckRequest(message, defaultNormalizeOptions, reads)));
    }
  });

  test(`on ${mutations} mutated messages, seed ${seed}`, (context) => {
    const random = createRandom(seed);
    let own = 0;
    let accepted = 0;
    let cut = 0;
    for (let count = 0; count < mutations; count++) {
      const message = random.pick(messages);
      const other = random.pick(messages);
      const options = random.pick(optionSets);
      const mutated = mutateProtobuf(message, other, random);
      const want = normalizeBySchema(mutated, options);
      accepted += "payload" in want ? 1 : 0;
      own += compareOwn(mutated, options, want);
      const reads = randomReads(random);
      cut += compareOwn(mutated, options, readBySchema(mutated, options, reads), reads);
    }
    context.diagnostic(`${cut} read by the lean reader for single parts`);
    assert.ok(cut >= own, `${cut} read by the lean reader for single parts`);
    context.diagnostic(`${accepted} accepted, ${own} of them read by the lean reader`);
    // Else nothing would be compared.
    assert.ok(own > mutations / 8, `${own} read by the lean reader`);
  });
});

/** A field of bytes, or of a message. */
function field(tag: number, content: Uint8Array): Buffer {
  const length =
    content.length < 0x80
      ? [content.length]
      : [(content.length & 0x7f) | 0x80, content.length >> 7];
  return Buffer.concat([Buffer.of(tag, ...length), content]);
}

/** A request with this field in its `http`. */
function requestWith(httpField: Uint8Array): Buffer {
  return field(0x0a, field(0x22, field(0x12, httpField)));
}

/** What is wanted of a reader for these reads: bad requests stay bad, but for metadata that is not read. */
function readBySchema(
  message: Uint8Array,
  options: NormalizeOptions,
  reads: PayloadReads,
): ReturnType<typeof normalizeBySchema> {
  const want = normalizeBySchema(message, options, selectionOf(reads).attributes);
  if (!("payload" in want)) return want;
  return { ...want, payload: cutToReads(want.payload, roundReads(reads)) };
}

/** 1 when the lean reader gave an input of its own, which then is the one wanted; what it leaves is read as wanted anyway. */
function compareOwn(
  message: Uint8Array,
  options: NormalizeOptions,
  want: ReturnType<typeof normalizeBySchema>,
  reads: PayloadReads = readsEverything,
): number {
  const input = readCheckRequest(message, options, reads);
  if (input === undefined) return 0;
  assert.deepEqual(input, want, Buffer.from(message).toString("hex"));
  return 1;
}
