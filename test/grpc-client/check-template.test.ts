import assert from "node:assert/strict";
import { suite, test } from "node:test";
import { fromBinary, toJson } from "@bufbuild/protobuf";
import { CheckRequestSchema } from "../../src/gen/envoy/service/auth/v3/external_auth_pb.ts";
import {
  buildCheckRequest,
  type CallMarks,
  type CheckSpec,
} from "../../src/grpc-client/check-spec.ts";
import { createCheckTemplates, type PreparedCheck } from "../../src/grpc-client/check-template.ts";
import { createWorkload } from "../../src/loadgen/workload.ts";

const spec: CheckSpec = {
  method: "GET",
  path: "/book",
  headers: { authorization: "Bearer 00000000.ffffffff.0000000000" },
  allowed: true,
};

const marksOfZero: CallMarks = {
  idDigits: "0000000000",
  requestIdDigits: "00000000",
  seconds: 1_767_225_600,
  nanos: 2 ** 28,
  sourcePort: 32_768,
};

function frameOf(check: PreparedCheck): Buffer {
  const frame = Buffer.alloc(check.frameBytes);
  check.writeFrame(frame, 0);
  return frame;
}

/** The message behind gRPC's prefix, which has to say its length. */
function messageOf(check: PreparedCheck): Buffer {
  const frame = frameOf(check);
  assert.equal(frame[0], 0);
  assert.equal(frame.readUInt32BE(1), frame.length - 5);
  return frame.subarray(5);
}

suite("a frame is what protobuf-es would encode with the same marks", () => {
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
    for (const path of ["/book", "/book/{call}?again={call}", "/{call}{call}"]) {
      test(`${name}, ${path}`, () => {
        const asked = { ...spec, path };
        const [template] = createCheckTemplates([asked]);
        const check = template!.take(seed, 1_767_225_600_999);
        const want = buildCheckRequest(asked, { ...marks, seconds: 1_767_225_600 });
        assert.deepEqual(messageOf(check), Buffer.from(want));
        assert.equal(check.allowed, true);
      });
    }
  }
});

suite("templates made together are what each is alone", () => {
  const { headers } = spec;
  const cases: readonly { name: string; specs: readonly CheckSpec[] }[] = [
    { name: "of one shape", specs: ["/one", "/two"].map((path) => ({ ...spec, path })) },
    {
      name: "with other methods of one length",
      specs: ["GET", "PUT"].map((method) => ({ ...spec, method })),
    },
    {
      name: "with digits where another has none",
      specs: ["/{call}", "/0000000000", "/{call}"].map((path) => ({ ...spec, path })),
    },
    {
      name: "with digits in other places",
      specs: ["/ab/{call}", "/{call}/ab"].map((path) => ({ ...spec, path })),
    },
    {
      name: "with as many characters, but more bytes",
      specs: ["/ab", "/äb", "/aé"].map((path) => ({ ...spec, path })),
    },
    {
      name: "with a byte less here and one more there",
      specs: [
        { ...spec, headers: { ...headers, a: "xx", b: "y" } },
        { ...spec, headers: { ...headers, a: "x", b: "yy" } },
      ],
    },
    {
      name: "with headers in another order",
      specs: [
        { ...spec, headers: { ab: "x", ...headers } },
        { ...spec, headers: { ...headers, ab: "x" } },
      ],
    },
    {
      name: "with and without a body",
      specs: [spec, { ...spec, body: "" }, { ...spec, body: "{}" }, { ...spec, body: "[]" }],
    },
    {
      name: "that fill more than one slab",
      specs: ["a", "b", "c"].map((letter) => ({ ...spec, path: `/${letter.repeat(25_000)}` })),
    },
  ];
  for (const { name, specs } of cases) {
    test(name, () => {
      const frames = createCheckTemplates(specs).map((template) =>
        messageOf(template.take(0, 1_767_225_600_000)),
      );
      const want = specs.map((each) => Buffer.from(buildCheckRequest(each, marksOfZero)));
      assert.deepEqual(frames, want);
    });
  }

  test("with their own verdicts", () => {
    const templates = createCheckTemplates([spec, { ...spec, allowed: false }]);
    const verdicts = templates.map((template) => template.take(0, 0).allowed);
    assert.deepEqual(verdicts, [true, false]);
  });
});

test("a call's frame stays the same, whatever other calls write", () => {
  const [template] = createCheckTemplates([{ ...spec, path: "/{call}" }]);
  const [first, second] = [template!.take(1, 0), template!.take(2, 0)];
  const before = frameOf(first);
  assert.notDeepEqual(frameOf(second), before);
  assert.deepEqual(frameOf(first), before);
});

test("a frame is written where it is asked for, and nowhere else", () => {
  const [template] = createCheckTemplates([spec]);
  const check = template!.take(7, 0);
  const out = Buffer.alloc(check.frameBytes + 20, 0xee);
  check.writeFrame(out, 13);
  const around = Buffer.concat([out.subarray(0, 13), out.subarray(13 + check.frameBytes)]);
  assert.deepEqual(around, Buffer.alloc(20, 0xee));
  assert.deepEqual(out.subarray(13, 13 + check.frameBytes), frameOf(check));
});

/** A call's message as text in protobuf's JSON form. */
function readText(check: PreparedCheck): string {
  return JSON.stringify(
    toJson(CheckRequestSchema, fromBinary(CheckRequestSchema, messageOf(check))),
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
        const check = workload.next();
        const [, path] = /"path":"(.*?)"/.exec(readText(check))!;
        return `${path} ${check.allowed}`;
      });
    const first = turn();
    assert.deepEqual(first.toSorted(), ["/0 true", "/1 false", "/2 true", "/3 false", "/4 true"]);
    assert.deepEqual(turn(), first);
  });

  test("makes no two calls alike", () => {
    const workload = createWorkload([spec]);
    const texts = Array.from({ length: 1_000 }, () => readText(workload.next()));
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
      const text = readText(workload.next());
      const [, header] = /":path":"(.*?)"/.exec(text)!;
      assert.match(text, new RegExp(`"path":"${header}"`));
      return header;
    });
    assert.equal(new Set(paths).size, 100);
    assert.match(paths[0]!, /^\/books\/\d{10}$/);
  });

  test("has the shape of Envoy's requests", () => {
    const token = "x".repeat(380);
    const check = createWorkload([
      { ...spec, headers: { authorization: `Bearer ${token}` } },
    ]).next();
    const message = fromBinary(CheckRequestSchema, messageOf(check));
    assert.equal(Object.keys(message.attributes?.request?.http?.headers ?? {}).length, 15);
    assert.ok(check.frameBytes > 1_050 && check.frameBytes < 1_250, `${check.frameBytes} bytes`);
  });

  test("without a request is refused", () => {
    assert.throws(() => createWorkload([]), RangeError);
  });
});
