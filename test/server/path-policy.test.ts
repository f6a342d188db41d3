import assert from "node:assert/strict";
import { connect } from "node:net";
import { suite, type TestContext, test } from "node:test";
import { fromBinary } from "@bufbuild/protobuf";
import type { HttpFormOptions } from "../../src/forward-auth/http-form.ts";
import { CheckResponseSchema } from "../../src/gen/envoy/service/auth/v3/external_auth_pb.ts";
import { defaultHttpLimits } from "../../src/model/http-limits.ts";
import type { PathPolicy } from "../../src/model/request-path.ts";
import { defaultNormalizeOptions } from "../../src/payload/normalize-options.ts";
import { createCheckHandlers } from "../../src/server/grpc/check-service.ts";
import { createHttpDoor } from "../../src/server/http/http-door.ts";
import type { UnaryAnswer, UnaryCall } from "../../src/transport/grpc-transport.ts";
import { answerOptions } from "../support/answer-options.ts";
import { encodeCheckRequest } from "../support/check-request-bytes.ts";
import { allowed, createFakeDispatcher } from "../support/fake-dispatcher.ts";
import { createFakeRecorder, type FakeRecorder } from "../support/fake-recorder.ts";
import { valueAt } from "../support/json-path.ts";

/** Spellings of `/products/admin` that some application takes for it, and such as have no normal form. */
const tricks = [
  { path: "/products/%61dmin/stock", normal: "/products/admin/stock" },
  { path: "/products/x/%2e%2e/admin/stock?q=%61", normal: "/products/admin/stock?q=%61" },
  { path: "/static/..%2fproducts/admin", normal: "/products/admin" },
  { path: "/static/..\\products\\admin", normal: "/products/admin" },
  { path: "//products/admin", normal: "/products/admin" },
  { path: "/admin#.png", normal: undefined },
  { path: "/static/..;/admin", normal: undefined },
  { path: "/%2561dmin", normal: undefined },
  { path: "/%c0%ae%c0%ae/admin", normal: undefined },
];

interface Seen {
  readonly allowed: boolean;
  readonly path: unknown;
  readonly pathHeader: unknown;
  readonly lines: readonly string[];
}

function options(policy: PathPolicy) {
  const dispatcher = createFakeDispatcher((done) => {
    done(allowed);
  });
  const recorder = createFakeRecorder();
  return {
    dispatcher,
    recorder,
    door: {
      dispatcher,
      observer: recorder,
      defaultDeadlineMs: 5_000,
      ...answerOptions,
      normalize: { ...defaultNormalizeOptions, pathPolicy: policy },
    },
  };
}

function seenBy(
  isAllowed: boolean,
  {
    dispatcher,
    recorder,
  }: { dispatcher: ReturnType<typeof createFakeDispatcher>; recorder: FakeRecorder },
): Seen {
  const payload = dispatcher.seen[0]?.input.payload;
  return {
    allowed: isAllowed,
    path: valueAt(payload, ["request", "http", "path"]),
    pathHeader: valueAt(payload, ["request", "http", "headers", ":path"]),
    lines: recorder.lines,
  };
}

/** What the HTTP door makes of a path, through a real connection, and the status of its answer. */
async function askHttp(
  t: TestContext,
  form: HttpFormOptions["form"],
  path: string,
  policy: PathPolicy,
): Promise<Seen & { status: number }> {
  const setUp = options(policy);
  const door = createHttpDoor({
    ...setUp.door,
    form: { form, pathPrefix: "", clientAddress: "none" },
    limits: defaultHttpLimits,
    onLimit: assert.fail,
  });
  const address = await door.listen("127.0.0.1:0");
  t.after(async () => {
    await door.close(0);
  });
  const heads = {
    direct: `GET ${path} HTTP/1.1\r\nHost: h`,
    forwarded: `GET / HTTP/1.1\r\nHost: o\r\nX-Forwarded-Method: GET\r\nX-Forwarded-Host: h\r\nX-Forwarded-Uri: ${path}`,
    original: `GET / HTTP/1.1\r\nHost: h\r\nX-Original-Method: GET\r\nX-Original-URI: ${path}`,
    "ingress-nginx": `GET / HTTP/1.1\r\nHost: o\r\nX-Original-Method: GET\r\nX-Original-URL: http://h${path}`,
  };
  const text = await new Promise<string>((resolve) => {
    let received = "";
    const socket = connect(Number(address.split(":").at(-1)), "127.0.0.1");
    socket.setEncoding("latin1");
    socket.on("data", (chunk: string) => {
      received += chunk;
    });
    socket.on("close", () => {
      resolve(received);
    });
    socket.write(`${heads[form]}\r\nConnection: close\r\n\r\n`);
  });
  const status = Number(text.split(" ")[1]);
  return { ...seenBy(status === 200, setUp), status };
}

/** What the gRPC door makes of a path. */
function askGrpc(path: string, policy: PathPolicy): Seen & { status: number | undefined } {
  const setUp = options(policy);
  const handlers = createCheckHandlers({
    ...setUp.door,
    isReady: () => true,
    denyContentType: true,
  });
  const message = encodeCheckRequest({
    attributes: {
      request: { http: { method: "GET", path, headers: { ":path": path, ":method": "GET" } } },
    },
  });
  let answer: UnaryAnswer | undefined;
  const method = "/envoy.service.auth.v3.Authorization/Check";
  const call: UnaryCall = {
    path: method,
    message,
    deadline: undefined,
    missing: "too-large",
    cancelled: false,
    metadata: () => undefined,
    binaryMetadata: () => [],
  };
  handlers.get(method)?.(call, (given) => {
    answer = given;
  });
  assert.ok(answer !== undefined && "message" in answer);
  const { status, httpResponse } = fromBinary(CheckResponseSchema, answer.message);
  const denied = httpResponse.case === "deniedResponse" ? httpResponse.value : undefined;
  assert.equal(status?.code, denied === undefined ? 0 : 3);
  return { ...seenBy(denied === undefined, setUp), status: denied?.status?.code };
}

const refused = (door: string): Pick<Seen, "allowed" | "path" | "lines"> => ({
  allowed: false,
  path: undefined,
  lines: ["started", `${door} deny ambiguous-path true`],
});

for (const form of ["direct", "forwarded", "original", "ingress-nginx"] as const) {
  suite(`the HTTP door, form ${form}`, () => {
    for (const { path, normal } of tricks) {
      test(path, async (t) => {
        const { status, pathHeader, ...refusal } = await askHttp(t, form, path, "refuse");
        assert.deepEqual(refusal, refused("http"));
        assert.ok([400, 403].includes(status));
        assert.equal(pathHeader, undefined);
        const normalized = await askHttp(t, form, path, "normalize");
        assert.deepEqual([normalized.path, normalized.pathHeader], [normal, normal]);
        assert.equal(normalized.allowed, normal !== undefined);
        const raw = await askHttp(t, form, path, "raw");
        assert.deepEqual([raw.allowed, raw.path, raw.pathHeader], [true, path, path]);
      });
    }

    test("a path of one meaning stays as it is", async (t) => {
      const path = "/products/7;v=1/a%20b?x=%2e%2e";
      for (const policy of ["refuse", "raw"] as const) {
        const seen = await askHttp(t, form, path, policy);
        assert.deepEqual([seen.status, seen.path, seen.pathHeader], [200, path, path]);
      }
    });
  });
}

suite("the gRPC door", () => {
  for (const { path, normal } of tricks) {
    test(path, () => {
      const { status, pathHeader, ...refusal } = askGrpc(path, "refuse");
      assert.deepEqual(refusal, refused("grpc"));
      assert.equal(status, 400);
      assert.equal(pathHeader, undefined);
      const normalized = askGrpc(path, "normalize");
      assert.deepEqual([normalized.path, normalized.pathHeader], [normal, normal]);
      const raw = askGrpc(path, "raw");
      assert.deepEqual([raw.allowed, raw.path, raw.pathHeader], [true, path, path]);
    });
  }

  test("`*` of another method than OPTIONS is refused, and a request without a path is none of this", () => {
    assert.equal(askGrpc("*", "refuse").allowed, false);
    assert.equal(askGrpc("", "refuse").allowed, true);
  });
});
