import type { Random } from "../../support/random.ts";
import { faults } from "./frame-faults.ts";
import { writeSequence } from "./frame-sequences.ts";

/** Returns what a client of ours would send, damaged: mostly frames, so that it gets past the first checks. */
export function writeDamagedStream(random: Random): Buffer {
  let bytes = writeStream(random);
  for (let left = random.below(6); left > 0; left--) bytes = damage(random, bytes);
  return bytes;
}

function writeStream(random: Random): Buffer {
  const fault = random.chance(0.5) ? random.pick(faults) : undefined;
  const { frames } = writeSequence(random, fault?.bytes);
  const kept = random.chance(0.2) ? frames.slice(0, random.below(frames.length) + 1) : frames;
  if (!random.chance(0.3)) return Buffer.concat(kept);
  const [first = Buffer.alloc(0), ...rest] = kept;
  const [from, to] = [random.below(kept.length), random.below(kept.length)];
  const moved = rest.toSpliced(to, 0, ...rest.slice(from, from + 1));
  return Buffer.concat([first, ...moved]);
}

/** One change, anywhere behind the preface nine times in ten. */
function damage(random: Random, bytes: Buffer): Buffer {
  const from = random.chance(0.9) ? Math.min(24, bytes.length) : 0;
  const at = from + random.below(bytes.length - from + 1);
  const length = random.below(12);
  const changed = Buffer.from(bytes);
  return random.pick([
    () => flipBit(random, changed, at),
    () => replaceByte(changed, at, random.pick([0, 1, 0x7f, 0x80, 0xff, random.below(256)])),
    () => Buffer.concat([bytes.subarray(0, at), random.bytes(length), bytes.subarray(at)]),
    () => Buffer.concat([bytes.subarray(0, at), bytes.subarray(at + length)]),
    () => Buffer.concat([bytes.subarray(0, at), bytes.subarray(from)]),
    () => bytes.subarray(0, at),
    () => Buffer.concat([bytes.subarray(0, at), writeStream(random).subarray(24)]),
    () => damageFrameHead(random, changed),
    () => damageFrameHead(random, changed),
  ])();
}

function flipBit(random: Random, bytes: Buffer, at: number): Buffer {
  return replaceByte(bytes, at, (bytes[at] ?? 0) ^ (1 << random.below(8)));
}

function replaceByte(bytes: Buffer, at: number, value: number): Buffer {
  if (at < bytes.length) bytes[at] = value;
  return bytes;
}

/** Changes length, type, flags or stream of one frame, found by walking the frames before it. */
function damageFrameHead(random: Random, bytes: Buffer): Buffer {
  let at = 24;
  for (let left = random.below(40); left > 0; left--) {
    if (at + 9 > bytes.length) break;
    const next = at + 9 + bytes.readUIntBE(at, 3);
    if (next + 9 > bytes.length) break;
    at = next;
  }
  return replaceByte(bytes, at + random.pick([1, 2, 3, 3, 4, 4, 8]), random.below(16));
}
