import assert from "node:assert/strict";
import { once } from "node:events";
import http2 from "node:http2";
import { type Duplex, duplexPair } from "node:stream";
import { suite, test } from "node:test";
import * as fc from "fast-check";
import { HpackDecoder, HpackFault } from "../../../src/transport/hpack/decoder.ts";
import { encodeHeaders, type HeaderEntry } from "../../../src/transport/hpack/encoder.ts";

const PREFACE_BYTES = 24;
const FRAME_HEAD_BYTES = 9;
const END_STREAM_AND_HEADERS = 0x5;
const frameTypes = { headers: 1, settings: 4 } as const;

const pseudoHeaders: readonly HeaderEntry[] = [
  [":method", "POST"],
  [":scheme", "http"],
  [":path", "/a.B/c"],
  [":authority", "host:80"],
];

/** Names that lists share, so that the tables get hits. */
const name = fc.oneof(
  fc.constantFrom("content-type", "user-agent", "grpc-timeout", "x-request-id", "x-a", "x-b"),
  fc.stringMatching(/^x-[a-z0-9_.-]{0,60}$/),
);
const value = fc.oneof(
  fc.constantFrom("", "application/grpc", "100m", "1", "gzip, deflate"),
  fc.stringMatching(/^[!-~]([ -~]{0,120}[!-~])?$/),
);
/** Several requests of one connection. */
const requests = fc.array(fc.array(fc.tuple(name, value), { maxLength: 25 }), {
  minLength: 1,
  maxLength: 8,
});

suite("against node:http2", () => {
  for (const tableBytes of [4_096, 100, 0, 65_536]) {
    test(`its blocks are read as it meant them, table of ${tableBytes} bytes`, async () => {
      await fc.assert(
        fc.asyncProperty(requests, async (lists) => {
          const want = lists.map((list) => [...pseudoHeaders, ...withoutDuplicates(list)]);
          assert.deepEqual(await sendThroughClient(want, tableBytes), want);
        }),
        { seed: 7541, numRuns: 40 },
      );
    });
  }

  test("it reads our blocks as we meant them", async () => {
    await fc.assert(
      fc.asyncProperty(requests, async (lists) => {
        const want = lists.map((list) => [...pseudoHeaders, ...list]);
        assert.deepEqual(await sendToServer(want), want);
      }),
      { seed: 7541, numRuns: 40 },
    );
  });
});

/** Its client takes an object: one value a name. */
function withoutDuplicates(list: readonly HeaderEntry[]): readonly HeaderEntry[] {
  return [...new Map(list)];
}

/** What our decoder reads of the blocks that node's client sends. */
async function sendThroughClient(
  lists: readonly (readonly HeaderEntry[])[],
  tableBytes: number,
): Promise<readonly (readonly HeaderEntry[])[]> {
  const [near, far] = duplexPair();
  const client = http2.connect("http://host:80", { createConnection: () => near });
  far.write(frame(frameTypes.settings, 0, 0, tableSetting(tableBytes)));
  await once(client, "remoteSettings");
  const blocks: Buffer[] = [];
  const done = readBlocks(far, blocks, lists.length);
  for (const list of lists) {
    // Every third value is secret: a literal that is never indexed.
    const secret = list.map(([key]) => key).filter((_, index) => index % 3 === 2);
    const request = client.request({
      ...Object.fromEntries(list),
      [http2.sensitiveHeaders]: secret,
    });
    request.on("error", () => undefined);
    request.end();
  }
  await done;
  client.destroy();
  far.destroy();
  const decoder = new HpackDecoder({
    maxHeaderListBytes: 1_000_000,
    maxHeaders: 1_000,
  });
  return blocks.map((block) => pairsOf(decoder, block));
}

function pairsOf(decoder: HpackDecoder, block: Buffer): readonly HeaderEntry[] {
  const list = decoder.decode(block, 0, block.length);
  assert.ok(!(list instanceof HpackFault), block.toString("hex"));
  return list.names.map((key, index) => [key, list.values[index] ?? ""]);
}

/** Collects the blocks of HEADERS frames that carry all of one, and leaves out everything else. */
async function readBlocks(from: Duplex, blocks: Buffer[], count: number): Promise<void> {
  let rest = Buffer.alloc(0);
  let skip = PREFACE_BYTES;
  for await (const chunk of from) {
    rest = Buffer.concat([rest, chunk]);
    while (rest.length >= skip + FRAME_HEAD_BYTES) {
      const body = skip + FRAME_HEAD_BYTES;
      const length = rest.readUIntBE(skip, 3);
      if (rest.length < body + length) break;
      if (rest[skip + 3] === frameTypes.headers) {
        const priority = ((rest[skip + 4] ?? 0) & 0x20) === 0 ? 0 : 5;
        blocks.push(rest.subarray(body + priority, body + length));
      }
      rest = rest.subarray(body + length);
      skip = 0;
    }
    if (blocks.length === count) return;
  }
}

/** The header lists that node's server reads from blocks of ours. */
async function sendToServer(
  lists: readonly (readonly HeaderEntry[])[],
): Promise<readonly (readonly HeaderEntry[])[]> {
  const [near, far] = duplexPair();
  const server = http2.createServer();
  const seen: (readonly HeaderEntry[])[] = [];
  const done = new Promise<void>((resolve) => {
    server.on("stream", (stream, _headers, _flags, rawHeaders: readonly string[]) => {
      stream.on("error", () => undefined);
      seen.push(pairUp(rawHeaders));
      if (seen.length === lists.length) resolve();
    });
  });
  server.emit("connection", far);
  near.resume();
  near.write("PRI * HTTP/2.0\r\n\r\nSM\r\n\r\n");
  near.write(frame(frameTypes.settings, 0, 0, new Uint8Array()));
  for (const [index, list] of lists.entries()) {
    near.write(
      frame(frameTypes.headers, END_STREAM_AND_HEADERS, 2 * index + 1, encodeHeaders(list)),
    );
  }
  await done;
  near.destroy();
  far.destroy();
  return seen;
}

function pairUp(rawHeaders: readonly string[]): readonly HeaderEntry[] {
  return rawHeaders.flatMap((key, index): readonly HeaderEntry[] =>
    index % 2 === 0 ? [[key, rawHeaders[index + 1] ?? ""]] : [],
  );
}

function frame(type: number, flags: number, streamId: number, payload: Uint8Array): Uint8Array {
  const head = Buffer.alloc(FRAME_HEAD_BYTES);
  head.writeUIntBE(payload.length, 0, 3);
  head.writeUInt8(type, 3);
  head.writeUInt8(flags, 4);
  head.writeUInt32BE(streamId, 5);
  return Buffer.concat([head, payload]);
}

function tableSetting(tableBytes: number): Uint8Array {
  const setting = Buffer.alloc(6);
  setting.writeUInt16BE(1, 0);
  setting.writeUInt32BE(tableBytes, 2);
  return setting;
}
