import { type HpackDecoder, HpackFault } from "../hpack/decoder.ts";
import type { HeaderList } from "../hpack/header-list.ts";
import type { AttackKind, AttackLimits } from "./attack-limits.ts";
import type { ByteBudget } from "./byte-budget.ts";
import { releaseBytes } from "./release-bytes.ts";

/** What is known of a header block before it is whole. */
interface HeaderBlockHead {
  readonly streamId: number;
  readonly endStream: boolean;
  /** Whether its stream is said to depend on itself. */
  readonly selfDependent: boolean;
  readonly sinceMs: number;
}

/**
 * A header block that comes in more than one frame (RFC 9113 section 4.3). It is read as it comes, so that a long one is
 * neither kept nor much work at a time; only a field that is not whole yet is set aside.
 */
export class HeaderBlock {
  readonly head: HeaderBlockHead;
  readonly #decoder: HpackDecoder;
  readonly #limits: AttackLimits;
  readonly #budget: ByteBudget;
  #frames = 0;
  #size = 0;
  /** What has come of the field that is not whole yet. */
  #parts: Buffer[] = [];
  #kept = 0;
  /** How much that has to be for more to be read of it. */
  #wanted = 0;

  /** @param budget what unfinished requests of all connections may take: what is kept counts */
  constructor(
    head: HeaderBlockHead,
    decoder: HpackDecoder,
    limits: AttackLimits,
    budget: ByteBudget,
  ) {
    this.head = head;
    this.#decoder = decoder;
    this.#limits = limits;
    this.#budget = budget;
    decoder.begin();
  }

  /** Reads a fragment; returns what limit that breaks, or whether the block is broken, if either. */
  add(bytes: Buffer, start: number, end: number): AttackKind | "broken" | undefined {
    this.#size += end - start;
    // The first fragment is in a HEADERS frame.
    if (this.#frames > this.#limits.maxContinuationFrames) return "continuation-flood";
    this.#frames++;
    if (this.#size > this.#limits.maxHeaderBlockBytes) return "continuation-flood";
    if (!this.#budget.take(end - start)) return "unfinished-requests";
    this.#parts.push(Buffer.from(bytes.subarray(start, end)));
    this.#kept += end - start;
    return this.#kept < this.#wanted || this.#readParts() ? undefined : "broken";
  }

  /** The header list, once all fragments have been added. */
  finish(): HeaderList | HpackFault {
    return this.#kept > 0 ? new HpackFault("COMPRESSION_ERROR") : this.#decoder.finish();
  }

  /** Lets go of what it keeps. */
  release(): void {
    for (const part of this.#parts) releaseBytes(part);
    this.#parts = [];
    this.#budget.give(this.#kept);
    this.#kept = 0;
  }

  /** Reads all fields that are whole, and keeps the rest; returns whether that could be read. */
  #readParts(): boolean {
    const [first] = this.#parts;
    const joined =
      first !== undefined && this.#parts.length === 1 ? first : Buffer.concat(this.#parts);
    const at = this.#decoder.readFields(joined, 0, joined.length);
    const rest = at < 0 ? noBytes : Buffer.from(joined.subarray(at));
    this.#wanted = this.#decoder.neededTo - at;
    this.#budget.give(this.#kept - rest.length);
    for (const part of this.#parts) releaseBytes(part);
    releaseBytes(joined);
    this.#parts = rest.length === 0 ? [] : [rest];
    this.#kept = rest.length;
    return at >= 0;
  }
}

const noBytes = Buffer.alloc(0);
