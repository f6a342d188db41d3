import type { CheckSpec } from "./check-spec.ts";
import {
  buildTemplateFrame,
  createLayoutFinder,
  type FrameLayout,
  writeMarks,
} from "./frame-layout.ts";

/** One request ready to be sent: a gRPC frame, and the verdict it has to get. */
export interface PreparedCheck {
  readonly allowed: boolean;
  /** How long the frame is: the five bytes of gRPC's prefix and the message. */
  readonly frameBytes: number;
  /** Puts the frame into a buffer that has room for it; the same bytes each time. */
  writeFrame(out: Buffer, at: number): void;
}

/** A request encoded once, which each call sends with other marks. */
export interface CheckTemplate {
  /**
   * A call of this request. It costs next to no memory, as there is no frame before it is written.
   *
   * @param seed any unsigned 32-bit integer; other seeds make other marks
   * @param nowMs the time the request bears, in milliseconds since 1970
   */
  take(seed: number, nowMs: number): PreparedCheck;
}

/** Large enough for the frames of many requests: V8's collector has to look at each buffer. */
const SLAB_BYTES = 65_536;

/** Returns the templates of requests, in their order. They share what can be shared, as there may be many of them. */
export function createCheckTemplates(specs: readonly CheckSpec[]): CheckTemplate[] {
  const findLayout = createLayoutFinder();
  const keep = createKeeper();
  return specs.map((spec) => {
    const frame = buildTemplateFrame(spec);
    return new Template(keep(frame), findLayout(spec, frame), spec.allowed);
  });
}

/** Returns what copies frames into slabs, one behind the other. */
function createKeeper(): (frame: Buffer) => Buffer {
  let room = Buffer.alloc(0);
  return (frame) => {
    if (frame.length > room.length) {
      room = Buffer.allocUnsafeSlow(Math.max(SLAB_BYTES, frame.length));
    }
    const kept = room.subarray(0, frame.length);
    room = room.subarray(frame.length);
    kept.set(frame);
    return kept;
  };
}

class Template implements CheckTemplate {
  readonly frame: Buffer;
  readonly layout: FrameLayout;
  readonly allowed: boolean;

  constructor(frame: Buffer, layout: FrameLayout, allowed: boolean) {
    this.frame = frame;
    this.layout = layout;
    this.allowed = allowed;
  }

  take(seed: number, nowMs: number): PreparedCheck {
    return new MarkedCheck(this, seed, Math.floor(nowMs / 1000));
  }
}

class MarkedCheck implements PreparedCheck {
  readonly #template: Template;
  readonly #seed: number;
  readonly #seconds: number;

  constructor(template: Template, seed: number, seconds: number) {
    this.#template = template;
    this.#seed = seed;
    this.#seconds = seconds;
  }

  get allowed(): boolean {
    return this.#template.allowed;
  }

  get frameBytes(): number {
    return this.#template.frame.length;
  }

  writeFrame(out: Buffer, at: number): void {
    const { frame, layout } = this.#template;
    out.set(frame, at);
    writeMarks(out, at, layout, this.#seed, this.#seconds);
  }
}
