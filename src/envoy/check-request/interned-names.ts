const SLOTS = 4_096;
const MAX_NAME_BYTES = 64;

/**
 * One string for each name that comes again and again, by its bytes; a new name takes the place of another, so that
 * clients cannot fill it. All of them are ASCII.
 */
const names: string[] = Array.from({ length: SLOTS }, () => "");

/** Returns the name whose bytes stand at `[start, end)`, or undefined when it is not ASCII; never a part of a larger string. */
export function internName(bytes: Buffer, start: number, end: number): string | undefined {
  const slot = slotOf(bytes, start, end);
  const name = names[slot] ?? "";
  return isSame(name, bytes, start, end) ? name : addName(bytes, start, end, slot);
}

function slotOf(bytes: Buffer, start: number, end: number): number {
  const length = end - start;
  if (length === 0) return 0;
  const first = bytes[start] ?? 0;
  const last = bytes[end - 1] ?? 0;
  const middle = bytes[start + (length >> 1)] ?? 0;
  const quarter = bytes[start + (length >> 2)] ?? 0;
  return (length * 331 + first * 73 + middle * 37 + quarter * 17 + last * 5) & (SLOTS - 1);
}

function isSame(name: string, bytes: Buffer, start: number, end: number): boolean {
  if (name.length !== end - start) return false;
  for (let index = 0; index < name.length; index++) {
    if (name.charCodeAt(index) !== bytes[start + index]) return false;
  }
  return true;
}

function addName(bytes: Buffer, start: number, end: number, slot: number): string | undefined {
  for (let index = start; index < end; index++) {
    if ((bytes[index] ?? 0) > 0x7f) return undefined;
  }
  const name = bytes.toString("latin1", start, end);
  if (end - start > MAX_NAME_BYTES) return name;
  // As a key the engine holds one copy of it, which it finds fields by: better that one than another.
  const [key = name] = Object.keys({ [name]: true });
  names[slot] = key;
  return key;
}
