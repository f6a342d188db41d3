import { CelMap } from "./map.ts";
import { CelMessage } from "./message.ts";
import { type CelValue, isList } from "./value.ts";

/** Returns about how many bytes a value takes with all that is in it: what reading it as a whole costs. */
export function sizeOf(value: CelValue): number {
  if (typeof value === "string" || value instanceof Uint8Array) return value.length;
  if (isList(value)) return value.reduce((sum: number, member) => sum + 16 + sizeOf(member), 0);
  if (value instanceof CelMap) {
    let sum = 0;
    for (const [key, member] of value.entries()) sum += 64 + sizeOf(key) + sizeOf(member);
    return sum;
  }
  if (value instanceof CelMessage) {
    let sum = 0;
    for (const [, member] of value.setFields()) sum += 64 + sizeOf(member);
    return sum;
  }
  return 16;
}
