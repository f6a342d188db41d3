import assert from "node:assert/strict";
import { execFile } from "node:child_process";
import { suite, type TestContext, test } from "node:test";
import { promisify } from "node:util";
import {
  create,
  createFileRegistry,
  fromBinary,
  type MessageInitShape,
  toBinary,
} from "@bufbuild/protobuf";
import { FileDescriptorProtoSchema, FileDescriptorSetSchema } from "@bufbuild/protobuf/wkt";
import { type ServiceError, status } from "@grpc/grpc-js";
import {
  ServerReflectionRequestSchema,
  type ServerReflectionResponse,
  ServerReflectionResponseSchema,
} from "../../../src/gen/grpc/reflection/v1/reflection_pb.ts";
import { createStreamingHandlers } from "../../../src/server/grpc/streaming-handlers.ts";
import { doorPort, startOstiary } from "../../support/child-server.ts";
import { requireTool } from "../../support/find-command.ts";
import { findGhz } from "../../support/find-go-tool.ts";
import { startLeanDoor } from "../../support/lean-door.ts";

const ghz = requireTool(await findGhz());
const run = promisify(execFile);

type Question = MessageInitShape<typeof ServerReflectionRequestSchema>["messageRequest"];
type Answer = ServerReflectionResponse["messageResponse"];

const versions = ["grpc.reflection.v1", "grpc.reflection.v1alpha"];
const identity = (bytes: Buffer): Buffer => bytes;
const encode = (question: Question): Buffer =>
  Buffer.from(
    toBinary(
      ServerReflectionRequestSchema,
      create(ServerReflectionRequestSchema, {
        host: "somewhere",
        ...(question !== undefined && { messageRequest: question }),
      }),
    ),
  );

/** The answers, and the status that the call ended with. */
async function ask(
  t: TestContext,
  messages: readonly Buffer[],
  version = "grpc.reflection.v1",
): Promise<{ responses: ServerReflectionResponse[]; code: number }> {
  const handlers = createStreamingHandlers({ isReady: () => true, isDraining: () => false });
  const { client } = await startLeanDoor(t, handlers);
  const path = `/${version}.ServerReflection/ServerReflectionInfo`;
  const call = client.makeBidiStreamRequest(path, identity, identity);
  const responses: ServerReflectionResponse[] = [];
  call.on("data", (bytes: Buffer) => {
    responses.push(fromBinary(ServerReflectionResponseSchema, bytes));
  });
  const ended = new Promise<number>((resolve) => {
    call.on("error", ({ code }: ServiceError) => {
      resolve(code);
    });
    call.on("end", () => {
      resolve(status.OK);
    });
  });
  for (const message of messages) call.write(message);
  call.end();
  return { responses, code: await ended };
}

/** The answer in a line: names of files or services, or the error's code. */
function show(answer: Answer | undefined): string {
  switch (answer?.case) {
    case "fileDescriptorResponse":
      return answer.value.fileDescriptorProto
        .map((bytes) => fromBinary(FileDescriptorProtoSchema, bytes).name)
        .join(" ");
    case "allExtensionNumbersResponse":
      return `${answer.value.baseTypeName}: ${answer.value.extensionNumber.join(" ")}`;
    case "listServicesResponse":
      return answer.value.service.map(({ name }) => name).join(" ");
    case "errorResponse":
      return `error ${answer.value.errorCode}`;
    case undefined:
      return "nothing";
  }
}

const healthFile = "grpc/health/v1/health.proto";

const cases: readonly { name: string; question: Question; want: RegExp }[] = [
  {
    name: "services",
    question: { case: "listServices", value: "*" },
    want: /^envoy\.service\.auth\.v3\.Authorization grpc\.health\.v1\.Health grpc\.reflection\.v1\.ServerReflection$/,
  },
  {
    name: "a file by name",
    question: { case: "fileByFilename", value: healthFile },
    want: /^grpc\/health\/v1\/health\.proto$/,
  },
  {
    name: "an imported file by name",
    question: { case: "fileByFilename", value: "google/protobuf/struct.proto" },
    want: /^google\/protobuf\/struct\.proto$/,
  },
  {
    name: "a service, its file before those it imports",
    question: { case: "fileContainingSymbol", value: "envoy.service.auth.v3.Authorization" },
    want: /^envoy\/service\/auth\/v3\/external_auth\.proto .*\bgoogle\/rpc\/status\.proto\b/,
  },
  ...[
    "grpc.health.v1.Health.Watch",
    "grpc.health.v1.HealthCheckRequest",
    "grpc.health.v1.HealthCheckRequest.service",
    "grpc.health.v1.HealthCheckResponse.ServingStatus",
  ].map((value) => ({
    name: value,
    question: { case: "fileContainingSymbol", value } as const,
    want: /^grpc\/health\/v1\/health\.proto$/,
  })),
  {
    name: "a symbol there is not",
    question: { case: "fileContainingSymbol", value: "x.Y" },
    want: /^error 5$/,
  },
  {
    name: "a file there is not",
    question: { case: "fileByFilename", value: "__proto__" },
    want: /^error 5$/,
  },
  {
    name: "an extension",
    question: {
      case: "fileContainingExtension",
      value: { containingType: "grpc.health.v1.HealthCheckRequest", extensionNumber: 1 },
    },
    want: /^error 5$/,
  },
  {
    name: "extensions of a message",
    question: { case: "allExtensionNumbersOfType", value: "grpc.health.v1.HealthCheckRequest" },
    want: /^grpc\.health\.v1\.HealthCheckRequest: $/,
  },
  {
    name: "extensions of a message there is not",
    question: { case: "allExtensionNumbersOfType", value: "x.Y" },
    want: /^error 5$/,
  },
];

for (const version of versions) {
  suite(version, () => {
    for (const { name, question, want } of cases) {
      test(name, async (t) => {
        const { responses, code } = await ask(t, [encode(question)], version);
        assert.match(show(responses[0]?.messageResponse), want);
        assert.equal(responses[0]?.validHost, "somewhere");
        assert.deepEqual(responses[0]?.originalRequest?.messageRequest.case, question?.case);
        assert.equal(responses.length, 1);
        assert.equal(code, status.OK);
      });
    }
  });
}

test("questions of one call are answered in order", async (t) => {
  const { responses } = await ask(
    t,
    ["x.Y", "grpc.health.v1.Health", "x.Z"].map((value) =>
      encode({ case: "fileContainingSymbol", value }),
    ),
  );
  assert.deepEqual(
    responses.map(({ messageResponse }) => show(messageResponse)),
    ["error 5", healthFile, "error 5"],
  );
});

for (const [name, message] of [
  ["nonsense", Buffer.from("nonsense")],
  ["a request without a question", encode(undefined)],
] as const) {
  test(`${name} is INVALID_ARGUMENT`, async (t) => {
    assert.deepEqual(await ask(t, [message]), { responses: [], code: status.INVALID_ARGUMENT });
  });
}

test("what it tells of the service is enough to call it", async (t) => {
  const value = "envoy.service.auth.v3.Authorization";
  const { responses } = await ask(t, [encode({ case: "fileContainingSymbol", value })]);
  const answer = responses[0]?.messageResponse;
  assert.equal(answer?.case, "fileDescriptorResponse");
  const file = answer.value.fileDescriptorProto
    .map((bytes) => fromBinary(FileDescriptorProtoSchema, bytes))
    // It wants every file after those it imports.
    .toReversed();
  const registry = createFileRegistry(create(FileDescriptorSetSchema, { file }));
  const { check } = registry.getService(value)?.method ?? {};
  assert.equal(check?.input.typeName, "envoy.service.auth.v3.CheckRequest");
  assert.equal(check.output.field["status"]?.message?.typeName, "google.rpc.Status");
});

test("ghz calls by reflection alone", { skip: ghz.skip }, async (t) => {
  const ostiary = await startOstiary(["--policy=policies/book.yaml", "--transport=lean"]);
  t.after(async () => {
    await ostiary.stop();
  });
  const { stdout } = await run(ghz.path, [
    "--insecure",
    "--call=envoy.service.auth.v3.Authorization.Check",
    '--data={"attributes":{"request":{"http":{"method":"GET","path":"/"}}}}',
    "--total=200",
    "--concurrency=10",
    "--format=json",
    `127.0.0.1:${doorPort(ostiary, "grpc")}`,
  ]);
  const report: { statusCodeDistribution: object } = JSON.parse(stdout);
  assert.deepEqual(report.statusCodeDistribution, { OK: 200 });
});
