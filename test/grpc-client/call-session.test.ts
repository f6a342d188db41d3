import assert from "node:assert/strict";
import { createServer, type Socket } from "node:net";
import { suite, test } from "node:test";
import { openCheckConnection } from "../../src/grpc-client/check-connection.ts";
import { createWorkload } from "../../src/loadgen/workload.ts";
import { listeningPort } from "../support/listening-port.ts";

const workload = createWorkload([{ method: "GET", path: "/book", headers: {}, allowed: true }]);

function hex(value: number, digits: number): string {
  return value.toString(16).padStart(digits, "0");
}

/** A frame as hexadecimal digits. */
function frame(type: number, flags: number, streamId: number, payload = ""): string {
  return [hex(payload.length / 2, 6), hex(type, 2), hex(flags, 2), hex(streamId, 8), payload].join(
    "",
  );
}

const settings = frame(4, 0, 0);
const [headers, data] = [(id: number) => frame(1, 4, id, "88"), "00000000020a00"];
const statusBlock = "000b677270632d7374617475730130";
const answered = (id: number): string =>
  headers(id) + frame(0, 0, id, data) + frame(1, 5, id, statusBlock);

/** A server that sends, after the request on a connection with that number, what the script says. */
async function callRawServer(
  calls: number,
  script: (connection: number) => string,
): Promise<{ ends: readonly string[]; received: string; connections: number }> {
  const sockets: Socket[] = [];
  let received = "";
  const server = createServer((socket) => {
    const number = sockets.push(socket);
    let heard = "";
    socket.on("error", () => {});
    socket.write(Buffer.from(settings, "hex"));
    socket.on("data", (chunk) => {
      const before = heard.length;
      heard += chunk.toString("latin1");
      received += chunk.toString("hex");
      // The path is in the request; the preface alone has none.
      if (heard.includes("Check") && !heard.slice(0, before).includes("Check")) {
        for (const part of script(number).split(" ")) socket.write(Buffer.from(part, "hex"));
      }
    });
  });
  const target = `127.0.0.1:${await listeningPort(server)}`;
  const connection = await openCheckConnection({ target, timeoutMs: 250 });
  const ends = await Promise.all(
    Array.from(
      { length: calls },
      async () =>
        await new Promise<string>((resolve) => {
          connection.call(workload.next(), (status, message) => {
            resolve(
              `${status} ${message === undefined ? "-" : Buffer.from(message).toString("hex")}`,
            );
          });
        }),
    ),
  );
  await new Promise((resolve) => setTimeout(resolve, 20));
  connection.close();
  for (const socket of sockets) socket.destroy();
  server.close();
  return { ends, received, connections: sockets.length };
}

suite("a call ends with", () => {
  const answerFrames = answered(1);
  const cases: readonly { name: string; script: string; want: string }[] = [
    { name: "its answer", script: answerFrames, want: "OK 0a00" },
    {
      name: "its answer, byte by byte",
      script: answerFrames.replaceAll(/../g, "$& ").trimEnd(),
      want: "OK 0a00",
    },
    {
      name: "its answer between frames of no interest",
      script: [
        frame(8, 0, 0, "00000001"),
        frame(8, 0, 1, "00000001"),
        frame(8, 0, 99, "00000001"),
        frame(2, 0, 1, "0000000000"),
        frame(0x42, 0xff, 1, "00"),
        answered(99),
        answerFrames,
      ].join(""),
      want: "OK 0a00",
    },
    {
      name: "its answer in padded frames",
      script: [
        frame(1, 0x2c, 1, "03000000000088000000"),
        frame(0, 8, 1, `02${data}0000`),
        frame(1, 0x0d, 1, `01${statusBlock}00`),
      ].join(""),
      want: "OK 0a00",
    },
    {
      name: "its answer when the headers take several frames",
      script: [
        frame(1, 0, 1),
        frame(9, 4, 1, "88"),
        frame(0, 0, 1, data),
        frame(1, 1, 1, statusBlock.slice(0, 6)),
        frame(9, 0, 1, statusBlock.slice(6, 8)),
        frame(9, 4, 1, statusBlock.slice(8)),
      ].join(""),
      want: "OK 0a00",
    },
    { name: "a reset", script: frame(3, 0, 1, "0000000b"), want: "reset by code 11 -" },
    { name: "broken headers", script: frame(1, 4, 1, "be"), want: "broken headers -" },
    { name: "broken padding", script: frame(0, 8, 1, "05"), want: "broken padding -" },
    {
      name: "broken padding of headers",
      script: frame(1, 0x0c, 1, "0588"),
      want: "broken padding -",
    },
    { name: "a frame that is too large", script: "004001000000000001", want: "frame too large -" },
    { name: "a pushed stream", script: frame(5, 4, 1, "0000000288"), want: "pushed stream -" },
    {
      name: "another frame in a header block",
      script: frame(1, 0, 1) + frame(6, 0, 0, "0000000000000000"),
      want: "frame out of order -",
    },
    {
      name: "a header block that has not begun",
      script: frame(9, 4, 1),
      want: "frame out of order -",
    },
    {
      name: "headers without end",
      script: frame(1, 0, 1) + frame(9, 0, 1, "00".repeat(16_384)).repeat(5),
      want: "headers too large -",
    },
    {
      name: "a window without end",
      script: frame(8, 0, 0, "7fffffff"),
      want: "window too large -",
    },
  ];
  for (const { name, script, want } of cases) {
    test(name, async () => {
      const { ends } = await callRawServer(1, () => script);
      assert.deepEqual(ends, [want]);
    });
  }
});

test("settings and pings are acknowledged", async () => {
  const ping = frame(6, 0, 0, "0102030405060708");
  const { received } = await callRawServer(1, () => ping + answered(1));
  assert.ok(received.includes(frame(4, 1, 0)));
  assert.ok(received.includes(frame(6, 1, 0, "0102030405060708")));
});

test("what the server will not look at any more goes over a new connection", async () => {
  const goaway = frame(7, 0, 0, "0000000100000000");
  const { ends, connections } = await callRawServer(3, (connection) =>
    connection === 1 ? goaway + answered(1) : answered(1) + answered(3),
  );
  assert.deepEqual(ends, ["OK 0a00", "OK 0a00", "OK 0a00"]);
  assert.equal(connections, 2);
});

test("a connection that breaks ends all its calls", async () => {
  const { ends } = await callRawServer(3, () => answered(1) + frame(5, 4, 1, "0000000288"));
  assert.deepEqual(ends, ["OK 0a00", "pushed stream -", "pushed stream -"]);
});

test("what is left of a stream that has been answered too early is reset", async () => {
  const { ends, received } = await callRawServer(1, () => headers(1) + frame(1, 4, 1, statusBlock));
  assert.deepEqual(ends, ["OK -"]);
  assert.ok(received.includes(frame(3, 0, 1, "00000008")));
});
