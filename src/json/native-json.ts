/**
 * The only file that calls `JSON.parse`.
 *
 * V8 takes an escaped key of an object for another key that it has met behind the same members, in this text or an
 * earlier one (nodejs/node#63785), as long as both begin alike in writing. Keys without a backslash and strings that
 * are no keys are read rightly; so no text with an escaped key may get here.
 */
import type { JsonValue } from "../model/json.ts";

/** Returns the text that a JSON string stands for, given with its quotes, which has been checked. */
export function unescapeJson(quoted: string): string {
  const text: string = JSON.parse(quoted);
  return text;
}

/** Returns the value of a JSON text; undefined when it has an escaped key or is no JSON: another reader has to say which. */
export function parseNatively(text: string): JsonValue | undefined {
  if (hasEscapedKey(text)) return undefined;
  try {
    const value: JsonValue = JSON.parse(text);
    return value;
  } catch {
    return undefined;
  }
}

/**
 * Returns whether a key of an object is written with a backslash. Right as far as the text is JSON: what comes behind the first
 * fault is not read by anybody.
 */
export function hasEscapedKey(text: string): boolean {
  let backslash = text.indexOf("\\");
  while (backslash >= 0) {
    const behind = skipBlanks(text, endOfString(text, backslash));
    if (text.charCodeAt(behind) === 0x3a) return true;
    backslash = text.indexOf("\\", behind);
  }
  return false;
}

/** The place behind the closing quote of the string in which the backslash stands. */
function endOfString(text: string, backslash: number): number {
  let at = backslash;
  while (at < text.length) {
    const unit = text.charCodeAt(at);
    if (unit === 0x22) return at + 1;
    at += unit === 0x5c ? 2 : 1;
  }
  return at;
}

function skipBlanks(text: string, start: number): number {
  let at = start;
  while (isBlank(text.charCodeAt(at))) at += 1;
  return at;
}

/** Returns whether the UTF-16 unit is a blank of JSON. */
export function isBlank(unit: number): boolean {
  return unit === 0x20 || unit === 0x0a || unit === 0x0d || unit === 0x09;
}
