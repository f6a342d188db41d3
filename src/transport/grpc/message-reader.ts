import type { ByteBudget } from "../http2/byte-budget.ts";
import { PREFIX_BYTES } from "../http2/message-prefix.ts";
import { type SlabPool, slabBytes } from "../http2/output-buffer.ts";

const firstPartBytes = 4_096;

/** The state of a message: not whole yet, whole, or not to be kept. */
export type MessageState = "partial" | "whole" | "too-large";

/**
 * Puts a gRPC message together that comes in parts (gRPC over HTTP/2, "Length-Prefixed-Message"). What it holds grows
 * with what has come, not with what is announced, and nothing is copied again before the message is whole.
 */
export class MessageReader {
  state: MessageState = "partial";
  isCompressed = false;
  readonly #maxBytes: number;
  readonly #budget: ByteBudget;
  readonly #slabs: SlabPool;
  #prefixAt = 0;
  #length = 0;
  #parts: Buffer[] = [];
  /** The last part, and how much of it is filled. */
  #part: Buffer = noBytes;
  #partFilled = 0;
  #filled = 0;
  #taken = 0;

  /**
   * @param budget what unfinished messages may take; over it a message counts as too large
   * @param slabs where the parts of large messages come from, so that many bytes are no work for the garbage collector
   */
  constructor(maxBytes: number, budget: ByteBudget, slabs: SlabPool) {
    this.#maxBytes = maxBytes;
    this.#budget = budget;
    this.#slabs = slabs;
  }

  /** Returns whether nothing has come yet. */
  get isEmpty(): boolean {
    return this.#prefixAt === 0;
  }

  /** The message, when it is whole; its memory stays its own after a release. */
  get message(): Buffer {
    // A part that is the only one is no slab.
    if (this.#parts.length > 1) {
      this.#part = Buffer.concat(this.#parts, this.#length);
      this.#giveParts();
    }
    return this.#part;
  }

  /** Takes what belongs to the message; returns where the rest begins. */
  read(bytes: Buffer, start: number, end: number): number {
    let at = start;
    while (this.#prefixAt < PREFIX_BYTES && at < end) {
      this.#readPrefix(bytes[at] ?? 0);
      at++;
    }
    if (this.#prefixAt < PREFIX_BYTES || this.state !== "partial") return at;
    const next = Math.min(end, at + this.#length - this.#filled);
    while (at < next) {
      if (this.#partFilled === this.#part.length && !this.#addPart()) {
        this.#drop();
        this.state = "too-large";
        return at;
      }
      const copied = bytes.copy(this.#part, this.#partFilled, at, next);
      at += copied;
      this.#partFilled += copied;
      this.#filled += copied;
    }
    if (this.#filled === this.#length) this.state = "whole";
    return next;
  }

  /** Begins anew, and gives back the memory. */
  release(): void {
    this.#drop();
    this.#length = 0;
    this.#prefixAt = 0;
    this.isCompressed = false;
    this.state = "partial";
  }

  #readPrefix(byte: number): void {
    if (this.#prefixAt === 0) this.isCompressed = byte !== 0;
    else this.#length = this.#length * 256 + byte;
    this.#prefixAt++;
    if (this.#prefixAt === PREFIX_BYTES && this.#length > this.#maxBytes) this.state = "too-large";
  }

  /** Adds a part as large as all before it; returns whether there is room. */
  #addPart(): boolean {
    const wanted = Math.min(Math.max(this.#filled, firstPartBytes), slabBytes);
    const size = Math.min(wanted, this.#length - this.#filled);
    if (!this.#budget.take(size)) return false;
    this.#taken += size;
    this.#part = size === slabBytes ? this.#slabs.take() : Buffer.allocUnsafe(size);
    this.#partFilled = 0;
    this.#parts.push(this.#part);
    return true;
  }

  #drop(): void {
    this.#budget.give(this.#taken);
    this.#taken = 0;
    this.#giveParts();
    this.#part = noBytes;
    this.#partFilled = 0;
    this.#filled = 0;
  }

  #giveParts(): void {
    for (const part of this.#parts) {
      if (part.length === slabBytes) this.#slabs.give(part);
    }
    this.#parts = [];
  }
}

const noBytes = Buffer.alloc(0);
