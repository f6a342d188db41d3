import { buildCheckRequest, type CallMarks, type CheckSpec, callDigits } from "./check-spec.ts";

/** The places of a call's marks in a gRPC frame, in bytes from its beginning. */
export interface FrameLayout {
  /** As often as the path asks for the digits, in it and in `:path`, and once in Envoy's stream id. */
  readonly idDigits: readonly number[];
  readonly requestIdDigits: number;
  readonly seconds: number;
  readonly nanos: number;
  readonly sourcePort: number;
}

const FRAME_PREFIX_BYTES = 5;

/**
 * Two sets of marks that differ in every byte of their encoding: numbers take the same count of varint bytes in both,
 * and differ in each group of seven bits. Comparing both encodings thus shows where the marks are.
 */
const lowMarks: CallMarks = {
  idDigits: "0000000000",
  requestIdDigits: "00000000",
  seconds: 5 * 2 ** 28,
  nanos: 2 ** 28,
  sourcePort: 2 * 2 ** 14,
};
const highMarks: CallMarks = {
  idDigits: "9999999999",
  requestIdDigits: "ffffffff",
  seconds: 7 * 2 ** 28 - 1,
  nanos: 3 * 2 ** 28 - 1,
  sourcePort: 4 * 2 ** 14 - 1,
};

/** What {@link lowMarks} look like in a frame. */
const lowBytes: Readonly<Record<keyof CallMarks, Buffer>> = {
  idDigits: Buffer.from(lowMarks.idDigits),
  requestIdDigits: Buffer.from(lowMarks.requestIdDigits),
  seconds: Buffer.of(128, 128, 128, 128, 5),
  nanos: Buffer.of(128, 128, 128, 128, 1),
  sourcePort: Buffer.of(128, 128, 2),
};

/** Returns the frame of a request, gRPC's five bytes in front, with marks that are to be written over. */
export function buildTemplateFrame(spec: CheckSpec): Buffer {
  return buildFrame(spec, lowMarks);
}

/**
 * Returns a finder of layouts, for frames from {@link buildTemplateFrame}. It looks once for all requests of one shape:
 * where something stands in a message depends on the lengths in front of it alone.
 *
 * @throws RangeError when the marks are not where they have to be
 */
export function createLayoutFinder(): (spec: CheckSpec, frame: Buffer) => FrameLayout {
  const layouts = new Map<string, FrameLayout>();
  return (spec, frame) => {
    const shape = `${frame.length} ${shapeOf(spec)}`;
    const known = layouts.get(shape);
    const layout = known ?? findLayout(spec, frame);
    if (known === undefined) layouts.set(shape, layout);
    else checkLayout(known, frame);
    return layout;
  };
}

/** All of a request that decides how long each part of its message is, and in which order the parts stand. */
function shapeOf({ method, path, headers, body }: CheckSpec): string {
  return JSON.stringify([
    Buffer.byteLength(method),
    path.split(callDigits).map((part) => Buffer.byteLength(part)),
    Object.entries(headers).map(([name, value]) => [name, Buffer.byteLength(value)]),
    body === undefined ? -1 : Buffer.byteLength(body),
  ]);
}

function findLayout(spec: CheckSpec, frame: Buffer): FrameLayout {
  const find = (name: keyof CallMarks): readonly number[] => {
    const other = buildFrame(spec, { ...lowMarks, [name]: highMarks[name] });
    return findDifferences(frame, other, lowBytes[name].length);
  };
  const findOnly = (name: keyof CallMarks): number => {
    const [offset, ...more] = find(name);
    if (offset === undefined || more.length > 0) {
      throw new RangeError(`\`${name}\` is not there once`);
    }
    return offset;
  };
  return {
    idDigits: find("idDigits"),
    requestIdDigits: findOnly("requestIdDigits"),
    seconds: findOnly("seconds"),
    nanos: findOnly("nanos"),
    sourcePort: findOnly("sourcePort"),
  };
}

/** Where two buffers differ, in stretches of so many bytes: the digits may stand in a path twice on end. */
function findDifferences(one: Buffer, other: Buffer, width: number): readonly number[] {
  const offsets: number[] = [];
  for (let offset = 0; offset < one.length; offset++) {
    if (one[offset] === other[offset]) continue;
    offsets.push(offset);
    offset += width - 1;
  }
  return offsets;
}

/** Holds a layout of another frame against this one. */
function checkLayout(layout: FrameLayout, frame: Buffer): void {
  for (const name of ["idDigits", "requestIdDigits", "seconds", "nanos", "sourcePort"] as const) {
    const bytes = lowBytes[name];
    for (const offset of [layout[name]].flat()) {
      const isThere = bytes.equals(frame.subarray(offset, offset + bytes.length));
      if (!isThere) throw new RangeError(`\`${name}\` is not at ${offset}`);
    }
  }
}

function buildFrame(spec: CheckSpec, marks: CallMarks): Buffer {
  const message = buildCheckRequest(spec, marks);
  const frame = Buffer.allocUnsafe(FRAME_PREFIX_BYTES + message.length);
  frame[0] = 0;
  frame.writeUInt32BE(message.length, 1);
  frame.set(message, FRAME_PREFIX_BYTES);
  return frame;
}

/** Writes a call's marks over those of a template; every number takes as many bytes as there is room for. */
export function writeMarks(
  out: Buffer,
  start: number,
  layout: FrameLayout,
  seed: number,
  seconds: number,
): void {
  for (const offset of layout.idDigits) writeTenDigits(out, start + offset, seed);
  writeEightHexDigits(out, start + layout.requestIdDigits, seed);
  writeVarint(out, start + layout.seconds, 5, seconds);
  writeVarint(out, start + layout.nanos, 5, 2 ** 28 + (seed % (1_000_000_000 - 2 ** 28)));
  // Linux takes ports for outgoing connections from 32768 to 60999.
  writeVarint(out, start + layout.sourcePort, 3, 32_768 + (seed % 28_232));
}

/** In two halves, which V8 reckons with as integers: floating-point remainders take it five times as long. */
function writeTenDigits(out: Buffer, at: number, value: number): void {
  const high = Math.floor(value / 100_000);
  writeFiveDigits(out, at, high);
  writeFiveDigits(out, at + 5, value - high * 100_000);
}

function writeFiveDigits(out: Buffer, at: number, value: number): void {
  let rest = value;
  for (let index = at + 4; index >= at; index--) {
    const tenth = Math.trunc(rest / 10);
    out[index] = rest - tenth * 10 + 48;
    rest = tenth;
  }
}

function writeEightHexDigits(out: Buffer, at: number, value: number): void {
  for (let index = 0; index < 8; index++) {
    const digit = (value >>> (28 - 4 * index)) & 15;
    out[at + index] = digit + (digit < 10 ? 48 : 87);
  }
}

function writeVarint(out: Buffer, at: number, length: number, value: number): void {
  const last = at + length - 1;
  let rest = value;
  for (let index = at; index < last; index++) {
    out[index] = (rest & 127) | 128;
    rest >>>= 7;
  }
  out[last] = rest;
}
