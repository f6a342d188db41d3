import assert from "node:assert/strict";
import { suite, test } from "node:test";
import { fromBinary, toJson } from "@bufbuild/protobuf";
import { CheckRequestSchema } from "../../src/gen/envoy/service/auth/v3/external_auth_pb.ts";
import { buildCheckRequest, type CheckSpec } from "../../src/loadgen/check-spec.ts";
import { createCheckTemplate } from "../../src/loadgen/check-template.ts";
import { createWorkload } from "../../src/loadgen/workload.ts";

const spec: CheckSpec = {
  method: "GET",
  path: "/book",
  headers: { authorization: "Bearer 00000000.ffffffff.0000000000" },
  allowed: true,
};

/** The message behind gRPC's prefix, which has to say its length. */
function messageOf(frame: Buffer): Buffer {
  assert.equal(frame[0], 0);
  assert.equal(frame.readUInt32BE(1), frame.length - 5);
  return frame.subarray(5);
}

suite("a copy is what protobuf-es would encode with the same marks", () => {
  const cases = [
    {
      name: "least seed",
      seed: 0,
      marks: {
        idDigits: "0000000000",
        requestIdDigits: "00000000",
        nanos: 2 ** 28,
        sourcePort: 32_768,
      },
    },
    {
      name: "a seed between",
      seed: 28_231,
      marks: {
        idDigits: "0000028231",
        requestIdDigits: "00006e47",
        nanos: 2 ** 28 + 28_231,
        sourcePort: 60_999,
      },
    },
    {
      name: "greatest seed",
      seed: 4_294_967_295,
      marks: {
        idDigits: "4294967295",
        requestIdDigits: "ffffffff",
        nanos: 2 ** 28 + (4_294_967_295 % (1_000_000_000 - 2 ** 28)),
        sourcePort: 32_768 + (4_294_967_295 % 28_232),
      },
    },
  ];
  for (const { name, seed, marks } of cases) {
    for (const path of ["/book", "/book/{call}?again={call}"]) {
      test(`${name}, ${path}`, () => {
        const asked = { ...spec, path };
        const { frame, allowed } = createCheckTemplate(asked).take(seed, 1_767_225_600_999);
        const want = buildCheckRequest(asked, { ...marks, seconds: 1_767_225_600 });
        assert.deepEqual(messageOf(frame), Buffer.from(want));
        assert.equal(allowed, true);
      });
    }
  }
});

test("a frame in use is not handed out again, and one given back is", () => {
  const template = createCheckTemplate(spec);
  const [first, second] = [template.take(1, 0), template.take(2, 0)];
  assert.notEqual(first.frame, second.frame);
  first.release();
  assert.equal(template.take(3, 0).frame, first.frame);
});

/** A frame's message as text in protobuf's JSON form. */
function readText(frame: Buffer): string {
  return JSON.stringify(
    toJson(CheckRequestSchema, fromBinary(CheckRequestSchema, messageOf(frame))),
  );
}

suite("a workload", () => {
  const specs = Array.from({ length: 5 }, (_, i) => ({
    ...spec,
    path: `/${i}`,
    allowed: i % 2 === 0,
  }));
  test("sends every request once a turn, each with its verdict", () => {
    const workload = createWorkload(specs);
    const turn = (): string[] =>
      specs.map(() => {
        const { frame, allowed } = workload.next();
        const [, path] = /"path":"(.*?)"/.exec(readText(frame))!;
        return `${path} ${allowed}`;
      });
    const first = turn();
    assert.deepEqual(first.toSorted(), ["/0 true", "/1 false", "/2 true", "/3 false", "/4 true"]);
    assert.deepEqual(turn(), first);
  });

  test("makes no two calls alike", () => {
    const workload = createWorkload([spec]);
    const texts = Array.from({ length: 1_000 }, () => readText(workload.next().frame));
    const distinct = (pattern: RegExp): number =>
      new Set(texts.map((text) => pattern.exec(text)![1])).size;
    assert.equal(distinct(/"id":"(\d{19})"/), 1_000);
    assert.equal(distinct(/"x-request-id":"(.{36})"/), 1_000);
    assert.equal(distinct(/"time":"(.*?)"/), 1_000);
    assert.ok(distinct(/"portValue":(\d{5})/) > 900);
  });

  test("makes another path for each call where it is asked to, in both places", () => {
    const workload = createWorkload([{ ...spec, path: "/books/{call}" }]);
    const paths = Array.from({ length: 100 }, () => {
      const text = readText(workload.next().frame);
      const [, header] = /":path":"(.*?)"/.exec(text)!;
      assert.match(text, new RegExp(`"path":"${header}"`));
      return header;
    });
    assert.equal(new Set(paths).size, 100);
    assert.match(paths[0]!, /^\/books\/\d{10}$/);
  });

  test("has the shape of Envoy's requests", () => {
    const token = "x".repeat(380);
    const { frame } = createWorkload([
      { ...spec, headers: { authorization: `Bearer ${token}` } },
    ]).next();
    const message = fromBinary(CheckRequestSchema, messageOf(frame));
    assert.equal(Object.keys(message.attributes?.request?.http?.headers ?? {}).length, 15);
    assert.ok(frame.length > 1_050 && frame.length < 1_250, `${frame.length} bytes`);
  });

  test("without a request is refused", () => {
    assert.throws(() => createWorkload([]), RangeError);
  });
});
