import type { Duplex } from "node:stream";
import { releaseBytes } from "./release-bytes.ts";

/** The size of a slab. */
export const slabBytes = 65_536;
const maxFreeSlabs = 128;
/** With more than this unwritten, response bodies wait. */
const congestedBytes = 262_144;
/** With more than this written in one turn of the event loop, large ones wait for the next, so that others get theirs. */
const maxTurnBytes = 262_144;

/** Buffers that wait to be used again; one pool for all connections, so that idle ones hold none. */
export class SlabPool {
  readonly #free: Buffer[] = [];

  /** A buffer with any content. */
  take(): Buffer {
    return this.#free.pop() ?? Buffer.allocUnsafeSlow(slabBytes);
  }

  /** Takes a buffer back that nobody reads any more. */
  give(slab: Buffer): void {
    if (this.#free.length < maxFreeSlabs) this.#free.push(slab);
    else releaseBytes(slab);
  }
}

/**
 * A connection's output: frames are put together in buffers and written once an event-loop turn. Buffers go back to
 * the pool when their write has ended: a fresh one for each write would make V8 collect the whole heap every 50 ms.
 */
export class OutputBuffer {
  /** How far the buffer that {@link OutputBuffer.reserve} gave is filled; to be moved on by whoever writes. */
  used = 0;
  /** Whether {@link OutputBuffer.flush} is sure to be called at the end of this turn. */
  corked = false;
  /** Bytes that the socket has taken and not yet written. */
  inFlight = 0;
  /** When the socket last wrote something, or had nothing to write. */
  progressMs = 0;
  readonly #socket: Duplex;
  readonly #pool: SlabPool;
  readonly #onWritten: () => void;
  #slab: Buffer | undefined;
  #scheduled = false;
  #isHeld = false;
  #turnBytes = 0;

  /** @param onWritten called whenever there may be room for more */
  constructor(socket: Duplex, pool: SlabPool, onWritten: () => void) {
    this.#socket = socket;
    this.#pool = pool;
    this.#onWritten = onWritten;
  }

  /** Returns whether so much waits to be written that bodies should wait. */
  get isCongested(): boolean {
    return this.inFlight > congestedBytes;
  }

  /** Returns whether large bodies should wait, be it only for the next turn. */
  get isBusy(): boolean {
    return this.isCongested || this.#turnBytes > maxTurnBytes;
  }

  /** A buffer with `size` bytes of room from {@link OutputBuffer.used} on; at most 65,536. */
  reserve(size: number): Buffer {
    if (this.used + size > slabBytes) {
      this.#hold();
      this.#write();
    }
    if (!this.corked && !this.#scheduled) {
      this.#scheduled = true;
      process.nextTick(flushScheduled, this);
    }
    this.#slab ??= this.#pool.take();
    return this.#slab;
  }

  /** Hands what there is to the socket, and has it written. */
  flush(): void {
    this.#scheduled = false;
    this.#write();
    if (this.#isHeld) {
      this.#isHeld = false;
      this.#socket.uncork();
    }
  }

  /** Has the socket keep what it is given until the turn is over: several buffers are one write too. */
  #hold(): void {
    if (!this.#isHeld) {
      this.#isHeld = true;
      this.#socket.cork();
    }
  }

  #write(): void {
    const slab = this.#slab;
    const size = this.used;
    if (slab === undefined || size === 0) return;
    this.#slab = undefined;
    this.used = 0;
    if (this.#socket.destroyed) {
      this.#pool.give(slab);
      return;
    }
    if (this.inFlight === 0) this.progressMs = performance.now();
    this.inFlight += size;
    this.#countTurn(size);
    this.#socket.write(slab.subarray(0, size), (error) => {
      this.inFlight -= size;
      // After an error the system may still hold the buffer.
      if (error === null || error === undefined) {
        this.progressMs = performance.now();
        this.#pool.give(slab);
        this.#onWritten();
      }
    });
  }

  /** Counts what has been written since the last time that it was much. */
  #countTurn(size: number): void {
    const before = this.#turnBytes;
    this.#turnBytes = before + size;
    if (before <= maxTurnBytes && this.#turnBytes > maxTurnBytes) {
      setImmediate(() => {
        this.#turnBytes = 0;
        this.#onWritten();
      });
    }
  }
}

function flushScheduled(output: OutputBuffer): void {
  output.flush();
}
