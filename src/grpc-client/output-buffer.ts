import type { Socket } from "node:net";

const SLAB_BYTES = 65_536;

/**
 * Output for a socket: put together in one buffer, written once an event-loop turn. A buffer is used again
 * when its write has ended; fresh ones would make V8 collect garbage all the time.
 */
export class OutputBuffer {
  /** How far the buffer from {@link OutputBuffer.reserve} is filled; to be moved on by whoever writes into it. */
  used = 0;
  /** Whether {@link OutputBuffer.flush} is sure to be called at the end of this turn. */
  corked = false;
  readonly #socket: Socket;
  readonly #free: Buffer[] = [];
  #slab: Buffer | undefined;
  #scheduled = false;

  constructor(socket: Socket) {
    this.#socket = socket;
  }

  /** A buffer with `size` bytes of room from {@link OutputBuffer.used} on; at most 65,536. */
  reserve(size: number): Buffer {
    if (this.used + size > SLAB_BYTES) this.flush();
    if (!this.corked && !this.#scheduled) {
      this.#scheduled = true;
      process.nextTick(flushScheduled, this);
    }
    this.#slab ??= this.#free.pop() ?? Buffer.allocUnsafeSlow(SLAB_BYTES);
    return this.#slab;
  }

  /** Adds whole frames; at most 65,536 bytes. */
  add(frames: Uint8Array): void {
    this.reserve(frames.length).set(frames, this.used);
    this.used += frames.length;
  }

  /** Hands what there is to the socket. */
  flush(): void {
    this.#scheduled = false;
    const slab = this.#slab;
    if (slab === undefined || this.used === 0) return;
    const bytes = slab.subarray(0, this.used);
    this.#slab = undefined;
    this.used = 0;
    if (this.#socket.destroyed) return;
    this.#socket.write(bytes, () => this.#free.push(slab));
  }
}

function flushScheduled(output: OutputBuffer): void {
  output.flush();
}
