import type { ByteBudget } from "./byte-budget.ts";

const PREFIX_BYTES = 5;
const FIRST_BYTES = 4_096;

/** What has become of a message: not whole yet, whole, or not to be kept. */
export type MessageState = "partial" | "whole" | "too-large";

/**
 * Puts a gRPC message together that comes in parts (gRPC over HTTP/2, "Length-Prefixed-Message"). It grows with what
 * has come, not with what is announced.
 */
export class MessageReader {
  state: MessageState = "partial";
  isCompressed = false;
  readonly #maxBytes: number;
  readonly #budget: ByteBudget;
  #prefixAt = 0;
  #length = 0;
  #bytes: Buffer = noBytes;
  #filled = 0;

  /** @param budget what unfinished messages may take; over it a message counts as too large */
  constructor(maxBytes: number, budget: ByteBudget) {
    this.#maxBytes = maxBytes;
    this.#budget = budget;
  }

  /** Whether nothing has come yet. */
  get isEmpty(): boolean {
    return this.#prefixAt === 0;
  }

  /** The message, when it is whole; valid until {@link MessageReader.release}. */
  get message(): Buffer {
    return this.#bytes.subarray(0, this.#length);
  }

  /** Takes what belongs to the message; returns where the rest begins. */
  read(bytes: Buffer, start: number, end: number): number {
    let at = start;
    while (this.#prefixAt < PREFIX_BYTES && at < end) {
      this.#readPrefix(bytes[at] ?? 0);
      at++;
    }
    if (this.#prefixAt < PREFIX_BYTES || this.state !== "partial") {
      return at;
    }
    const next = Math.min(end, at + this.#length - this.#filled);
    if (!this.#grow(this.#filled + next - at)) {
      this.state = "too-large";
      return at;
    }
    bytes.copy(this.#bytes, this.#filled, at, next);
    this.#filled += next - at;
    if (this.#filled === this.#length) {
      this.state = "whole";
    }
    return next;
  }

  /** Begins anew, and gives back the memory. */
  release(): void {
    this.#budget.give(this.#bytes.length);
    this.#bytes = noBytes;
    this.#filled = 0;
    this.#length = 0;
    this.#prefixAt = 0;
    this.isCompressed = false;
    this.state = "partial";
  }

  #readPrefix(byte: number): void {
    if (this.#prefixAt === 0) {
      this.isCompressed = byte !== 0;
    } else {
      this.#length = this.#length * 256 + byte;
    }
    this.#prefixAt++;
    if (this.#prefixAt === PREFIX_BYTES && this.#length > this.#maxBytes) {
      this.state = "too-large";
    }
  }

  /** Makes room for `size` bytes in all; returns false when there is none. */
  #grow(size: number): boolean {
    const { length } = this.#bytes;
    if (size <= length) {
      return true;
    }
    const larger = Math.min(this.#length, Math.max(size, length * 2, FIRST_BYTES));
    if (!this.#budget.take(larger - length)) {
      return false;
    }
    const bytes = Buffer.allocUnsafe(larger);
    this.#bytes.copy(bytes, 0, 0, this.#filled);
    this.#bytes = bytes;
    return true;
  }
}

const noBytes = Buffer.alloc(0);
