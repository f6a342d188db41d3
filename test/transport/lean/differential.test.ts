import assert from "node:assert/strict";
import { createServer, type Http2Server, type ServerHttp2Stream } from "node:http2";
import { after, before, suite, test } from "node:test";
import type { Transport } from "../../../src/transport/grpc-transport.ts";
import { listeningPort } from "../../support/listening-port.ts";
import { createRandom } from "../../support/random.ts";
import { findAdapter } from "../../support/transports.ts";
import {
  expectedDifferences,
  type OneSidedRefusal,
  oneSidedRefusals,
  type TwoReasons,
  twoReasons,
} from "./expected-differences.ts";
import { faults } from "./frame-faults.ts";
import { type FaultPlace, writeSequence } from "./frame-sequences.ts";
import { type RandomFrame, writeFrame, writeRandomFrame } from "./random-frame.ts";
import { runSequence } from "./run-sequence.ts";

const validSequences = 100;
const randomFrames = Number(process.env["TEST_FRAMES"] ?? 300);
const runsOfFault = 3;
const mostRunsOfExample = 5;
const rfcClause = /^RFC \d+ §\d/;
const seed = Number(process.env["TEST_SEED"] ?? Date.now() % 1_000_000);

/** A server that answers every request that ends, as gRPC does: head, body, trailers. */
function createNodeServer(): Http2Server {
  const server = createServer();
  server.on("sessionError", () => {});
  server.on("stream", (stream) => {
    stream.on("error", () => {});
    stream.on("end", () => {
      answer(stream);
    });
    stream.resume();
  });
  return server;
}

/** Which of two servers refused what the other took. */
function refusesAlone(theirs: string, ours: string): "node" | "lean" | "neither" {
  const [nodeRefuses, leanRefuses] = [theirs !== "accepted", ours !== "accepted"];
  if (nodeRefuses === leanRefuses) return "neither";
  return nodeRefuses ? "node" : "lean";
}

/** Whether both made the same of a frame; a GOAWAY may get lost when a connection is closed. */
function isSame(theirs: string, ours: string): boolean {
  const isLost = theirs === "connection closed" || ours === "connection closed";
  return theirs === ours || (isLost && theirs !== "accepted" && ours !== "accepted");
}

type Row = OneSidedRefusal | TwoReasons;
const rows: readonly Row[] = [...oneSidedRefusals, ...twoReasons];

/** Whether the row says that the two may make so much of the frame. */
function allows(row: Row, frame: RandomFrame, theirs: string, ours: string): boolean {
  if (row.type !== frame.type) return false;
  const alone = refusesAlone(theirs, ours);
  if (!("refusedBy" in row)) {
    return alone === "neither" && row.node.includes(theirs) && row.lean.includes(ours);
  }
  const { states, refusedBy, flags = 0, verdict } = row;
  return (
    states.includes(frame.state) &&
    refusedBy === alone &&
    (frame.flags & flags) === flags &&
    [theirs, ours].includes(verdict ?? theirs)
  );
}

function answer(stream: ServerHttp2Stream): void {
  if (stream.destroyed || stream.closed) return;
  stream.respond({ ":status": 200 }, { waitForTrailers: true });
  stream.on("wantTrailers", () => {
    stream.sendTrailers({ "grpc-status": "0" });
  });
  stream.end("answer");
}

suite(`the lean transport beside node:http2 (seed ${seed})`, () => {
  const node = createNodeServer();
  let lean: Transport;
  let nodePort: number;
  let leanPort: number;
  before(async () => {
    nodePort = await listeningPort(node);
    lean = findAdapter("lean").create({
      maxMessageBytes: 100_000,
      handlers: new Map([
        [
          "/test.Service/Echo",
          (_call, reply) => {
            reply({ message: Buffer.from("answer") });
          },
        ],
      ]),
    });
    const address = await lean.listen("127.0.0.1:0");
    leanPort = Number(address.slice(address.lastIndexOf(":") + 1));
  });
  after(async () => {
    node.close();
    await lean.close(0);
  });

  test(`both accept ${validSequences} valid sequences`, async () => {
    for (let i = 0; i < validSequences; i++) {
      const sequence = (): ReturnType<typeof writeSequence> =>
        writeSequence(createRandom(seed + i));
      const verdicts = {
        node: await runSequence(nodePort, sequence()),
        lean: await runSequence(leanPort, sequence()),
      };
      assert.deepEqual(verdicts, { node: "accepted", lean: "accepted" }, `seed ${seed + i}`);
    }
  });

  for (const [number, { name, bytes }] of faults.entries()) {
    test(name, async () => {
      const row = expectedDifferences.find(({ fault }) => fault === name);
      for (let i = 0; i < runsOfFault; i++) {
        const runSeed = seed + number * runsOfFault + i;
        const sequence = (): ReturnType<typeof writeSequence> =>
          writeSequence(createRandom(runSeed), bytes);
        const theirs = await runSequence(nodePort, sequence());
        const ours = await runSequence(leanPort, sequence());
        assert.equal(ours, row?.lean ?? theirs, `seed ${runSeed}`);
        assert.ok((row?.node ?? [ours]).includes(theirs), `node: ${theirs}, seed ${runSeed}`);
      }
    });
  }

  test(`both make the same of ${randomFrames} random frames, or it is listed`, async () => {
    for (let i = 0; i < randomFrames; i++) {
      const [theirs, ours, frame] = await runFrame(seed + i, writeRandomFrame);
      const what = `${JSON.stringify(frame)}: node ${theirs}, lean ${ours}, seed ${seed + i}`;
      const isListed = rows.some((row) => allows(row, frame, theirs, ours));
      assert.ok(isSame(theirs, ours) || isListed, what);
    }
  });

  /** What both make of a frame amid others. */
  async function runFrame(
    frameSeed: number,
    write: (place: FaultPlace) => RandomFrame,
  ): Promise<[string, string, RandomFrame]> {
    const written: RandomFrame[] = [];
    const sequence = (): ReturnType<typeof writeSequence> =>
      writeSequence(createRandom(frameSeed), (place) => {
        const frame = write(place);
        written.push(frame);
        return frame.bytes;
      });
    const theirs = await runSequence(nodePort, sequence());
    const ours = await runSequence(leanPort, sequence());
    const [frame] = written;
    assert.ok(frame !== undefined);
    return [theirs, ours, frame];
  }

  test("every difference that is listed is one, and of a fault there is", () => {
    for (const { fault, node: theirs, lean: ours, clause } of expectedDifferences) {
      assert.notDeepEqual(theirs, [ours], fault);
      assert.ok(
        faults.some(({ name }) => name === fault),
        fault,
      );
      assert.match(clause, rfcClause, fault);
    }
  });

  for (const row of rows) {
    const { type, example, clause } = row;
    test(`a frame of type ${type} may differ, and does: ${clause}`, async () => {
      assert.match(clause, rfcClause);
      const verdicts: string[] = [];
      let isShown = false;
      // Some depend on what has come of the stream by then.
      for (let i = 0; i < mostRunsOfExample && !isShown; i++) {
        const [theirs, ours, frame] = await runFrame(example.seed ?? seed + i, (place) =>
          writeFrame(place, type, example),
        );
        verdicts.push(`node ${theirs}, lean ${ours}`);
        isShown = !isSame(theirs, ours) && allows(row, frame, theirs, ours);
      }
      assert.ok(isShown, verdicts.join("; "));
    });
  }
});
