import { frame } from "../../support/h2-wire.ts";
import type { FaultPlace } from "./frame-sequences.ts";

const types = [0, 1, 2, 3, 4, 5, 6, 7, 8, 9, 10] as const;
const flagBits = [0x1, 0x4, 0x8, 0x20] as const;
const lengths = [0, 1, 2, 3, 4, 5, 6, 7, 8, 9, 12, 100] as const;
const states = ["connection", "idle", "open", "ended", "cancelled", "even"] as const;

/** The state of the stream that a frame is on. */
export type StreamState = (typeof states)[number];

/** The parts of a random frame. */
export interface RandomFrame {
  readonly type: number;
  readonly flags: number;
  /** The state of its stream. */
  readonly state: StreamState;
  readonly bytes: Buffer;
}

/** The parts that a frame of a known type is written from. */
export interface FrameParts {
  /** None, if not given. */
  readonly flags?: number;
  readonly state: StreamState;
  /** Empty, if not given. */
  readonly payload?: Buffer;
}

/** Returns a frame of any type on the stream that is in that state. */
export function writeFrame(
  { idle, open, ended, cancelled }: FaultPlace,
  type: number,
  { flags = 0, state, payload = Buffer.alloc(0) }: FrameParts,
): RandomFrame {
  const streams = { connection: 0, idle, open, ended, cancelled, even: idle + 1 };
  return { type, flags, state, bytes: frame(type, flags, streams[state], payload) };
}

/** Returns a frame of any type, on a stream in any state, with any payload. */
export function writeRandomFrame(place: FaultPlace): RandomFrame {
  const { random } = place;
  const type = random.pick(types);
  const flags = flagBits.reduce((all, bit) => (random.chance(0.3) ? all | bit : all), 0);
  const state = random.pick(states);
  const length = random.pick(lengths);
  const payload = random.chance(0.3) ? Buffer.alloc(length) : random.bytes(length);
  return writeFrame(place, type, { flags, state, payload });
}
