import assert from "node:assert/strict";
import { Duplex } from "node:stream";
import { suite, test } from "node:test";
import { OutputBuffer, SlabPool, slabBytes } from "../../../src/transport/http2/output-buffer.ts";

interface Setup {
  readonly socket: Duplex;
  readonly output: OutputBuffer;
  readonly pool: SlabPool;
  /** What the socket was given to write, as texts. */
  readonly writes: string[];
  /** How often there may have been room for more. */
  readonly tellings: () => number;
  /** Ends the oldest write that has not ended. */
  readonly endWrite: (error?: Error) => void;
  /** Puts a text as a frame into the output; returns the slab that it is in. */
  readonly put: (text: string) => ArrayBufferLike;
}

/** An output whose socket ends its writes only when it is told to. */
function setUp(): Setup {
  const writes: string[] = [];
  const held: ((error?: Error) => void)[] = [];
  let told = 0;
  const socket = new Duplex({
    read() {},
    write(chunk: Buffer, _encoding, done) {
      writes.push(chunk.toString());
      held.push(done);
    },
  });
  socket.on("error", () => {});
  const pool = new SlabPool();
  const output = new OutputBuffer(socket, pool, () => {
    told++;
  });
  return {
    socket,
    output,
    pool,
    writes,
    tellings: () => told,
    endWrite(error) {
      held.shift()?.(error);
    },
    put(text) {
      const slab = output.reserve(text.length);
      output.used += slab.write(text, output.used);
      return slab.buffer;
    },
  };
}

/** Resolves when this turn of the event loop and all callbacks of streams are over. */
async function nextTurn(): Promise<void> {
  await new Promise(setImmediate);
}

const half = "h".repeat(slabBytes / 2);

suite("writes", () => {
  test("all frames of a turn are one", async () => {
    const { output, put, writes } = setUp();
    for (const text of ["one ", "two ", "three"]) put(text);
    assert.deepEqual(writes, []);
    await nextTurn();
    assert.deepEqual(writes, ["one two three"]);
    assert.equal(output.inFlight, 13);
  });

  test("frames that fill the buffer to its last byte are one, the next is another", async () => {
    const { put, writes, endWrite } = setUp();
    put(half);
    put(half);
    assert.deepEqual(writes, []);
    put("more");
    assert.deepEqual(writes, []);
    await nextTurn();
    assert.deepEqual(writes, [half + half]);
    endWrite();
    assert.deepEqual(writes, [half + half, "more"]);
  });

  test("frames of several buffers are one write of the socket's", async () => {
    const written: number[] = [];
    const socket = new Duplex({
      read() {},
      write(_chunk, _encoding, done) {
        written.push(1);
        done();
      },
      writev(chunks, done) {
        written.push(chunks.length);
        done();
      },
    });
    const output = new OutputBuffer(socket, new SlabPool(), () => {});
    for (let i = 0; i < 5; i++) {
      output.reserve(40_000);
      output.used += 40_000;
    }
    await nextTurn();
    output.reserve(40_000);
    output.used += 40_000;
    await nextTurn();
    assert.deepEqual([written, output.inFlight], [[5, 1], 0]);
  });

  test("while it is corked nothing is written", async () => {
    const { output, put, writes } = setUp();
    output.corked = true;
    put("one ");
    await nextTurn();
    put("two");
    assert.deepEqual(writes, []);
    output.corked = false;
    output.flush();
    assert.deepEqual(writes, ["one two"]);
  });

  test("nothing to write is no write", async () => {
    const { output, writes } = setUp();
    output.flush();
    output.reserve(10);
    await nextTurn();
    assert.deepEqual(writes, []);
  });
});

suite("a buffer", () => {
  test("is not used again before its write has ended, and is then", async () => {
    const { output, put, writes, endWrite, tellings } = setUp();
    const first = put("one");
    output.flush();
    const second = put("two");
    output.flush();
    assert.notEqual(second, first);
    assert.equal(tellings(), 0);
    endWrite();
    await nextTurn();
    assert.equal(tellings(), 1);
    assert.equal(output.inFlight, 3);
    assert.equal(put("three"), first);
    output.flush();
    const third = put("four");
    assert.notEqual(third, first);
    assert.notEqual(third, second);
    endWrite();
    await nextTurn();
    assert.deepEqual(writes, ["one", "two", "three"]);
  });

  test("keeps what is in it until its write has ended, whatever is written meanwhile", async () => {
    const { output, put, writes, endWrite } = setUp();
    const texts = Array.from({ length: 20 }, (_, i) => `frame ${i}`);
    for (const text of texts) {
      put(text);
      output.flush();
    }
    for (let written = 1; written <= texts.length; written++) {
      endWrite();
      await nextTurn();
    }
    assert.deepEqual(writes, texts);
    assert.equal(output.inFlight, 0);
  });

  test("is not given back when its write failed: the system may still read it", async () => {
    const { output, pool, put, endWrite, tellings } = setUp();
    const failed = put("one");
    output.flush();
    endWrite(new Error("the peer has gone"));
    await nextTurn();
    assert.notEqual(pool.take().buffer, failed);
    assert.equal(output.inFlight, 0);
    assert.equal(tellings(), 0);
  });

  test("is given back when there is nobody to write to any more", () => {
    const { socket, output, pool, put, writes } = setUp();
    socket.destroy();
    const slab = put("one");
    output.flush();
    assert.equal(pool.take().buffer, slab);
    assert.deepEqual(writes, []);
  });

  test("goes round between connections", async () => {
    const { output, pool, put, endWrite } = setUp();
    const slab = put("one");
    output.flush();
    endWrite();
    await nextTurn();
    const other = new OutputBuffer(new Duplex({ read() {} }), pool, () => {});
    assert.equal(other.reserve(1).buffer, slab);
  });
});
