import { frame } from "../../support/h2-wire.ts";
import type { FaultPlace } from "./frame-sequences.ts";

const types = [0, 1, 2, 3, 4, 5, 6, 7, 8, 9, 10] as const;
const flagBits = [0x1, 0x4, 0x8, 0x20] as const;
const lengths = [0, 1, 2, 3, 4, 5, 6, 7, 8, 9, 12, 100] as const;

/** What a random frame is made of. */
export interface RandomFrame {
  readonly type: number;
  readonly flags: number;
  /** The state of its stream. */
  readonly state: "connection" | "idle" | "open" | "ended" | "cancelled" | "even";
  readonly bytes: Buffer;
}

/** A frame of any type, on a stream in any state, with any payload. */
export function writeRandomFrame({
  random,
  idle,
  open,
  ended,
  cancelled,
}: FaultPlace): RandomFrame {
  const type = random.pick(types);
  const flags = flagBits.reduce((all, bit) => (random.chance(0.3) ? all | bit : all), 0);
  const [state, stream] = random.pick([
    ["connection", 0],
    ["idle", idle],
    ["open", open],
    ["ended", ended],
    ["cancelled", cancelled],
    ["even", idle + 1],
  ] as const);
  const length = random.pick(lengths);
  const payload = random.chance(0.3) ? Buffer.alloc(length) : random.bytes(length);
  return { type, flags, state, bytes: frame(type, flags, stream, payload) };
}
