import { buildCheckRequest, type CallMarks, type CheckSpec } from "./check-spec.ts";

/** One request ready to be sent: a gRPC frame, and the verdict it has to get. */
export interface PreparedCheck {
  /** The five bytes of gRPC's prefix and the message; not to be changed while it is in use. */
  readonly frame: Buffer;
  readonly allowed: boolean;
  /** Gives the frame back for the next call; to be called once, when the call is over. */
  release(): void;
}

/** A request encoded once, of which each call gets a copy with other marks. */
export interface CheckTemplate {
  /**
   * A frame that no other call in flight has, with the marks of that call.
   *
   * @param seed any unsigned 32-bit integer; other seeds make other marks
   * @param nowMs the time the request bears, in milliseconds since 1970
   */
  take(seed: number, nowMs: number): PreparedCheck;
}

/** Where a mark stands in the frame. */
interface Field {
  readonly offset: number;
  readonly length: number;
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

const markNames = ["idDigits", "requestIdDigits", "seconds", "nanos", "sourcePort"] as const;

/** Returns the template of a request. Its frames are reused: it holds as many as were ever in flight at once. */
export function createCheckTemplate(spec: CheckSpec): CheckTemplate {
  const original = buildFrame(spec, lowMarks);
  const fields = findFields(spec, original);
  const free: PreparedCheck[] = [];

  const createCopy = (): PreparedCheck => {
    // Not from the shared slab: these live as long as the template.
    const frame = Buffer.allocUnsafeSlow(original.length);
    original.copy(frame);
    const check: PreparedCheck = { frame, allowed: spec.allowed, release: () => free.push(check) };
    return check;
  };

  return {
    take(seed, nowMs) {
      const check = free.pop() ?? createCopy();
      writeMarks(check.frame, fields, seed, nowMs);
      return check;
    },
  };
}

function buildFrame(spec: CheckSpec, marks: CallMarks): Buffer {
  const message = buildCheckRequest(spec, marks);
  const frame = Buffer.alloc(FRAME_PREFIX_BYTES + message.length);
  frame.writeUInt32BE(message.length, 1);
  frame.set(message, FRAME_PREFIX_BYTES);
  return frame;
}

/** Where the marks stand: each once, but for the digits that the path may repeat. */
type Fields = Readonly<Record<(typeof markNames)[number], readonly Field[]>>;

function findFields(spec: CheckSpec, original: Buffer): Fields {
  const find = (name: (typeof markNames)[number]): readonly Field[] =>
    findDifferences(original, buildFrame(spec, { ...lowMarks, [name]: highMarks[name] }));
  return {
    idDigits: find("idDigits"),
    requestIdDigits: find("requestIdDigits"),
    seconds: find("seconds"),
    nanos: find("nanos"),
    sourcePort: find("sourcePort"),
  };
}

/** The stretches in which two buffers of one length differ. */
function findDifferences(one: Buffer, other: Buffer): readonly Field[] {
  const fields: Field[] = [];
  let start: number | undefined;
  for (let offset = 0; offset <= one.length; offset++) {
    const differs = offset < one.length && one[offset] !== other[offset];
    if (differs) start ??= offset;
    else if (start !== undefined) {
      fields.push({ offset: start, length: offset - start });
      start = undefined;
    }
  }
  return fields;
}

/** Every number stays in a range that takes as many bytes as the template has room for. */
function writeMarks(frame: Buffer, fields: Fields, seed: number, nowMs: number): void {
  for (const field of fields.idDigits) writeDigits(frame, field, seed, 10);
  for (const field of fields.requestIdDigits) writeDigits(frame, field, seed, 16);
  for (const field of fields.seconds) writeVarint(frame, field, Math.floor(nowMs / 1000));
  for (const field of fields.nanos) {
    writeVarint(frame, field, 2 ** 28 + (seed % (1_000_000_000 - 2 ** 28)));
  }
  // Linux takes ports for outgoing connections from 32768 to 60999.
  for (const field of fields.sourcePort) writeVarint(frame, field, 32_768 + (seed % 28_232));
}

function writeDigits(frame: Buffer, { offset, length }: Field, value: number, base: number): void {
  let rest = value;
  for (let index = offset + length - 1; index >= offset; index--) {
    const digit = rest % base;
    rest = (rest - digit) / base;
    frame[index] = digit + (digit < 10 ? 48 : 87);
  }
}

function writeVarint(frame: Buffer, { offset, length }: Field, value: number): void {
  const last = offset + length - 1;
  let rest = value;
  for (let index = offset; index < last; index++) {
    const low = rest % 128;
    rest = (rest - low) / 128;
    frame[index] = low + 128;
  }
  frame[last] = rest;
}
