import assert from "node:assert/strict";
import { suite, type TestContext, test } from "node:test";
import { defaultNormalizeOptions } from "../../../src/payload/normalize-options.ts";
import { createCheckHandlers } from "../../../src/server/grpc/check-service.ts";
import {
  createLeanTransport,
  type LeanTransport,
  type LeanTransportOptions,
} from "../../../src/transport/lean-transport.ts";
import { answerOptions } from "../../support/answer-options.ts";
import { encodeCheckRequest } from "../../support/check-request-bytes.ts";
import { allowed, createFakeDispatcher } from "../../support/fake-dispatcher.ts";
import { createFakeRecorder } from "../../support/fake-recorder.ts";
import { connectPeer, type Peer } from "../../support/h2-peer.ts";
import {
  clientPreface,
  type Field,
  flag,
  frame,
  frameType,
  grpcFields,
  grpcMessage,
  hpackField,
  literal,
  settings,
  settingsAck,
} from "../../support/h2-wire.ts";
import { showCheckResponse } from "../../support/show-check-response.ts";

const { DATA, HEADERS, CONTINUATION } = frameType;
const checkPath = "/envoy.service.auth.v3.Authorization/Check";
const message = encodeCheckRequest({
  attributes: { request: { http: { method: "GET", path: "/" } } },
});

/** A door that lets everything in, and one connection to it. */
async function openDoor(
  t: TestContext,
  options: Partial<LeanTransportOptions> = {},
): Promise<{ peer: Peer; transport: LeanTransport }> {
  const transport = createLeanTransport({
    maxMessageBytes: 4_194_304,
    handlers: createCheckHandlers({
      dispatcher: createFakeDispatcher((done) => {
        done(allowed);
      }),
      observer: createFakeRecorder(),
      defaultDeadlineMs: 5_000,
      ...answerOptions,
      normalize: defaultNormalizeOptions,
      denyContentType: true,
      isReady: () => true,
    }),
    ...options,
  });
  const address = await transport.listen("127.0.0.1:0");
  const port = Number(address.slice(address.lastIndexOf(":") + 1));
  const peer = await connectPeer({ host: "127.0.0.1", port });
  t.after(async () => {
    peer.destroy();
    await transport.close(0);
  });
  peer.write(Buffer.concat([clientPreface, settings(), settingsAck]));
  return { peer, transport };
}

/** A Check with these fields beside the usual ones, its header block in frames of so many bytes. */
function checkWith(stream: number, fields: readonly Field[], frameBytes = 16_384): Buffer {
  const block = Buffer.concat(
    grpcFields(checkPath, fields).map((field) => hpackField(field, literal.indexed)),
  );
  const frames: Buffer[] = [];
  for (let at = 0; at < block.length; at += frameBytes) {
    const ends = at + frameBytes >= block.length ? flag.END_HEADERS : 0;
    const part = block.subarray(at, at + frameBytes);
    frames.push(frame(at === 0 ? HEADERS : CONTINUATION, ends, stream, part));
  }
  return Buffer.concat([...frames, frame(DATA, flag.END_STREAM, stream, grpcMessage(message))]);
}

/** `0`, `3 BadRequest body`, or what else came on the stream. */
async function answerOn(peer: Peer, stream: number): Promise<string> {
  const last = await peer.until(
    ({ stream: on, type, flags }) =>
      on === stream &&
      (type === frameType.RST_STREAM || (type === HEADERS && (flags & flag.END_STREAM) !== 0)),
  );
  const data = peer.frames.find((each) => each.stream === stream && each.type === DATA);
  if (data === undefined) return `no message, and ${last?.payload.toString("hex") ?? "no end"}`;
  return showCheckResponse(data.payload.subarray(5));
}

const tooLarge = "3 BadRequest the request is too large";

suite("metadata that clients have an honest proxy send with a Check", () => {
  for (const kilobytes of [20, 55, 64, 128, 200]) {
    test(`a tracestate of ${kilobytes} KB is judged`, async (t) => {
      const { peer } = await openDoor(t);
      peer.write(checkWith(1, [["tracestate", "t".repeat(kilobytes * 1_024)]]));
      assert.equal(await answerOn(peer, 1), "0");
    });
  }

  for (const kilobytes of [257, 400, 900]) {
    test(`one of ${kilobytes} KB is denied, and the connection goes on as it was`, async (t) => {
      const { peer, transport } = await openDoor(t);
      peer.write(checkWith(1, [["x-small", "kept"]]));
      peer.write(checkWith(3, [["tracestate", "t".repeat(kilobytes * 1_024)]]));
      // By the table: what the first call put there is as the third one means it.
      peer.write(checkWith(5, [["x-small", "kept"]]));
      assert.deepEqual(
        [await answerOn(peer, 1), await answerOn(peer, 3), await answerOn(peer, 5)],
        ["0", tooLarge, "0"],
      );
      assert.equal(peer.goaway(), undefined);
      assert.equal(transport.counters.attacks["header-list"], 1);
      assert.equal(transport.counters.connectionErrors, 0);
    });
  }

  test("frames of 4 KB do as well", async (t) => {
    const { peer } = await openDoor(t);
    peer.write(checkWith(1, [["tracestate", "t".repeat(200_000)]], 4_096));
    assert.equal(await answerOn(peer, 1), "0");
  });

  test("more entries than are allowed", async (t) => {
    const { peer } = await openDoor(t, { limits: { maxHeaders: 20 } });
    const many = Array.from({ length: 30 }, (_, i): Field => [`x-${i}`, "1"]);
    peer.write(Buffer.concat([checkWith(1, many.slice(0, 14)), checkWith(3, many)]));
    assert.deepEqual([await answerOn(peer, 1), await answerOn(peer, 3)], ["0", tooLarge]);
  });

  for (const value of [" a", "a ", "\ta", "a\t", " "]) {
    test(`a value with a blank at its end is denied: ${JSON.stringify(value)}`, async (t) => {
      const { peer } = await openDoor(t);
      peer.write(Buffer.concat([checkWith(1, [["tracestate", value]]), checkWith(3, [])]));
      assert.deepEqual(
        [await answerOn(peer, 1), await answerOn(peer, 3)],
        ["3 BadRequest the request cannot be read", "0"],
      );
    });
  }

  test("a message that is not whole shortly before its deadline is denied for that", async (t) => {
    const { peer } = await openDoor(t);
    const part = checkWith(3, [["grpc-timeout", "400m"]]);
    const dataBytes = 9 + grpcMessage(message).length;
    peer.write(
      Buffer.concat([
        part.subarray(0, -dataBytes),
        frame(DATA, 0, 3, grpcMessage(message).subarray(0, 8)),
      ]),
    );
    assert.equal(await answerOn(peer, 3), "7 ServiceUnavailable no decision before the deadline");
  });

  test("a call is denied whose header list is one too many to be kept", async (t) => {
    const { peer, transport } = await openDoor(t, { limits: { maxUnfinishedBytes: 65_536 } });
    const fields: readonly Field[] = [["tracestate", "t".repeat(60_000)]];
    const dataBytes = 9 + grpcMessage(message).length;
    const open = (stream: number): Buffer => checkWith(stream, fields).subarray(0, -dataBytes);
    peer.write(Buffer.concat([open(1), checkWith(3, fields)]));
    assert.equal(await answerOn(peer, 3), tooLarge);
    peer.write(frame(DATA, flag.END_STREAM, 1, grpcMessage(message)));
    assert.equal(await answerOn(peer, 1), "0");
    peer.write(checkWith(5, fields));
    assert.equal(await answerOn(peer, 5), "0");
    assert.equal(transport.counters.attacks["unfinished-requests"], 1);
  });
});
