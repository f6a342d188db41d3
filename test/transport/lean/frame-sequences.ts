import {
  clientPreface,
  type Field,
  flag,
  frame,
  frameType,
  grpcFields,
  grpcMessage,
  hpackField,
  hpackInteger,
  hpackString,
  literal,
  ping,
  rstStream,
  setting,
  settings,
  settingsAck,
  uint32,
  windowUpdate,
} from "../../support/h2-wire.ts";
import type { Random } from "../../support/random.ts";

/** The bytes of a client of ours on one connection, as pieces that may each be a write of their own. */
export interface FrameSequence {
  readonly pieces: readonly Buffer[];
  /** The same bytes, a frame or a few to each. */
  readonly frames: readonly Buffer[];
  /** Streams that sent a whole request and were not cancelled: they have to be answered unless something was wrong. */
  readonly requests: readonly number[];
}

/** The place where a fault is put in: what it may refer to. */
export interface FaultPlace {
  readonly random: Random;
  /** A stream whose request is whole. */
  readonly ended: number;
  /** A stream that has its header block, and no end yet. */
  readonly open: number;
  /** A stream that was cancelled by the client. */
  readonly cancelled: number;
  /** A stream that nobody has used, lower than `idle`. */
  readonly skipped: number;
  /** A stream that nobody has used, higher than all that were. */
  readonly idle: number;
  /** An HPACK index one past the encoder's table. */
  readonly pastTable: number;
}

const path = "/test.Service/Echo";

/** A stream that is being sent. */
interface Sending {
  readonly stream: number;
  readonly steps: Buffer[];
}

/** Writes valid frames, as varied as the RFC lets a client be. */
class SequenceWriter {
  readonly pieces: Buffer[] = [];
  readonly requests: number[] = [];
  readonly random: Random;
  #nextStream = 1;
  #sending: Sending[] = [];
  /** Entries in the dynamic table, newest first. */
  readonly #table: Field[] = [];

  constructor(random: Random) {
    this.random = random;
    this.pieces.push(
      Buffer.concat([clientPreface, settings(...this.#someSettings())]),
      settingsAck,
    );
  }

  /** Some noise that changes nothing, or the next piece of a request. */
  step(): void {
    const { random } = this;
    const choice = random.below(10);
    if (choice < 3 && this.#sending.length < 5) this.#startRequest();
    else if (choice < 8 && this.#sending.length > 0) this.#sendNext(random.pick(this.#sending));
    else this.pieces.push(this.#noise());
  }

  /** Sends what is left of every request. */
  finish(): void {
    while (this.#sending.length > 0) this.#sendNext(this.random.pick(this.#sending));
  }

  /** Makes sure of a stream in each state. */
  place(): FaultPlace {
    this.#startRequest();
    const ended = this.#nextStream - 2;
    this.finish();
    this.#startRequest();
    const cancelled = this.#nextStream - 2;
    this.pieces.push(rstStream(cancelled));
    this.#sending = [];
    const [open, skipped] = [this.#take(), this.#take()];
    this.pieces.push(...this.#headers(open, 0, []));
    return {
      random: this.random,
      ended,
      open,
      cancelled,
      skipped,
      idle: this.#take(),
      pastTable: 62 + this.#table.length,
    };
  }

  #take(): number {
    this.#nextStream += 2;
    return this.#nextStream - 2;
  }

  #startRequest(): void {
    const { random } = this;
    const stream = this.#take();
    const message = grpcMessage(random.bytes(random.below(40)));
    const cut = random.below(message.length);
    const steps = [
      this.#data(stream, 0, message.subarray(0, cut)),
      this.#data(stream, 0, message.subarray(cut)),
      this.#data(stream, flag.END_STREAM, Buffer.alloc(0)),
    ];
    if (random.chance(0.7)) steps.splice(0, 3, this.#data(stream, flag.END_STREAM, message));
    this.#sending.push({ stream, steps });
    // A header block is one unit: no other frame may come between.
    this.pieces.push(...this.#headers(stream, 0, this.#extraFields()));
  }

  #sendNext(sending: Sending): void {
    const next = sending.steps.shift();
    if (next !== undefined) this.pieces.push(next);
    if (sending.steps.length === 0) {
      this.requests.push(sending.stream);
      this.#sending = this.#sending.filter((each) => each !== sending);
    }
  }

  #extraFields(): readonly Field[] {
    const { random } = this;
    return Array.from({ length: random.below(6) }, () => [
      `x-${random.below(12)}`,
      "v".repeat(random.below(60)),
    ]);
  }

  #headers(stream: number, flags: number, more: readonly Field[]): readonly Buffer[] {
    const { random } = this;
    const block = Buffer.concat(grpcFields(path, more).map((field) => this.#field(field)));
    const priority = random.chance(0.2)
      ? [Buffer.concat([uint32(stream - 1), random.bytes(1)])]
      : undefined;
    const cuts = random.chance(0.3) ? [random.below(block.length), random.below(block.length)] : [];
    const bounds = [0, ...cuts.toSorted((a, b) => a - b), block.length];
    const parts = bounds.slice(1).map((end, i) => block.subarray(bounds[i], end));
    return [
      Buffer.concat(
        parts.map((part, i) => {
          const end = i === parts.length - 1 ? flag.END_HEADERS : 0;
          if (i > 0) return frame(frameType.CONTINUATION, end, stream, part);
          const first = Buffer.concat([...(priority ?? []), part]);
          const all = flags | end | (priority === undefined ? 0 : flag.PRIORITY);
          return this.#padded(frameType.HEADERS, all, stream, first);
        }),
      ),
    ];
  }

  #data(stream: number, flags: number, bytes: Buffer): Buffer {
    return this.#padded(frameType.DATA, flags, stream, bytes);
  }

  #padded(type: number, flags: number, stream: number, bytes: Buffer): Buffer {
    if (this.random.chance(0.75)) return frame(type, flags, stream, bytes);
    const padding = this.random.below(20);
    const payload = Buffer.concat([Buffer.from([padding]), bytes, Buffer.alloc(padding)]);
    return frame(type, flags | flag.PADDED, stream, payload);
  }

  /** A field in any form that HPACK has for it. */
  #field(field: Field): Buffer {
    const { random } = this;
    const known = this.#table.findIndex((each) => each[0] === field[0] && each[1] === field[1]);
    if (known >= 0 && random.chance(0.7)) return hpackInteger(0x80, 7, 62 + known);
    const named = this.#table.findIndex((each) => each[0] === field[0]);
    const how = random.pick([literal.plain, literal.never, literal.indexed]);
    const bytes =
      named >= 0 && random.chance(0.5)
        ? Buffer.concat([
            hpackInteger(how, how === literal.indexed ? 6 : 4, 62 + named),
            hpackString(field[1]),
          ])
        : hpackField(field, how);
    if (how === literal.indexed) this.#table.unshift(field);
    while (tableSize(this.#table) > 4_096) this.#table.pop();
    return bytes;
  }

  #noise(): Buffer {
    const { random } = this;
    const open = this.#sending.map(({ stream }) => stream);
    return random.pick([
      () => ping(`noise${100 + random.below(900)}`),
      () => windowUpdate(0, 1 + random.below(1_000)),
      () => windowUpdate(open.length > 0 ? random.pick(open) : 0, 1 + random.below(1_000)),
      () => settings(...this.#someSettings()),
      () => frame(random.pick([0x0b, 0x42, 0xff]), random.below(256), 0, random.bytes(20)),
      () =>
        frame(
          frameType.PRIORITY,
          0,
          random.pick([1, this.#nextStream, this.#nextStream + 10]),
          Buffer.concat([uint32(0), random.bytes(1)]),
        ),
    ])();
  }

  #someSettings(): readonly (readonly [number, number])[] {
    const { random } = this;
    const all = [
      [setting.INITIAL_WINDOW_SIZE, 65_535 + random.below(100_000)],
      [setting.MAX_FRAME_SIZE, 16_384 + random.below(100_000)],
      [setting.MAX_CONCURRENT_STREAMS, random.below(100)],
      [setting.ENABLE_PUSH, 0],
      [setting.HEADER_TABLE_SIZE, random.below(8_192)],
      [0x5a5a, random.below(1_000)],
    ] as const;
    return all.filter(() => random.chance(0.3));
  }
}

function tableSize(table: readonly Field[]): number {
  return table.reduce((sum, [name, value]) => sum + name.length + value.length + 32, 0);
}

/**
 * Returns a valid sequence, or one with a single fault somewhere in it.
 *
 * @param fault writes the bytes of the fault
 */
export function writeSequence(
  random: Random,
  fault?: (place: FaultPlace) => Uint8Array,
): FrameSequence {
  const writer = new SequenceWriter(random);
  for (let steps = random.below(30); steps > 0; steps--) writer.step();
  if (fault !== undefined) {
    const place = writer.place();
    writer.pieces.push(Buffer.from(fault(place)));
  }
  for (let steps = random.below(10); steps > 0; steps--) writer.step();
  writer.finish();
  const { pieces: frames, requests } = writer;
  return { pieces: cutAnew(random, frames), frames, requests };
}

/** The same bytes in other pieces: all at once, frame by frame, or cut anywhere, down to single bytes. */
function cutAnew(random: Random, pieces: readonly Buffer[]): readonly Buffer[] {
  const most = random.pick([Infinity, Infinity, 0, 0, 3, 100, 100]);
  if (most === 0) return pieces;
  const bytes = Buffer.concat(pieces);
  if (most === Infinity) return [bytes];
  const cut: Buffer[] = [];
  for (let at = 0; at < bytes.length; ) {
    const length = 1 + random.below(most);
    cut.push(bytes.subarray(at, at + length));
    at += length;
  }
  return cut;
}
