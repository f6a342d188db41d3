import {
  isBlank,
  isBlankOrEnd,
  isBreak,
  isBreakOrEnd,
  isDigit,
  isNameCharacter,
  type TextCursor,
} from "./text-cursor.ts";

interface Problem {
  readonly problem: string;
}

const indicatorsBehindName = new Set(
  ["?", ":", ",", "]", "}", "%", "@", "`"].map((text) => text.charCodeAt(0)),
);

/** Returns the name of the anchor or alias ahead, its indicator included in what is read. */
export function scanName(cursor: TextCursor): { readonly name: string } | Problem {
  cursor.skip();
  const name = cursor.readWhile(isNameCharacter);
  const next = cursor.code();
  if (name === "" || !(isBlankOrEnd(next) || indicatorsBehindName.has(next))) {
    return { problem: "did not find expected alphabetic or numeric character" };
  }
  return { name };
}

/** A tag as written: the handle is empty for `!<…>`, and for `!` alone. */
export interface ScannedTag {
  readonly handle: string;
  readonly suffix: string;
}

/** Returns the tag ahead. */
export function scanTag(cursor: TextCursor): ScannedTag | Problem {
  const tag = cursor.startsWith("!<") ? scanVerbatimTag(cursor) : scanShorthandTag(cursor);
  if ("problem" in tag || isBlankOrEnd(cursor.code())) return tag;
  return { problem: "did not find expected whitespace or line break" };
}

function scanVerbatimTag(cursor: TextCursor): ScannedTag | Problem {
  cursor.skip();
  cursor.skip();
  const suffix = scanUri(cursor, undefined);
  if (typeof suffix !== "string") return suffix;
  if (!cursor.startsWith(">")) return { problem: "did not find the expected '>'" };
  cursor.skip();
  return { handle: "", suffix };
}

function scanShorthandTag(cursor: TextCursor): ScannedTag | Problem {
  const head = scanHandle(cursor);
  const isHandle = head.length > 1 && head.endsWith("!");
  const suffix = scanUri(cursor, isHandle ? undefined : head.slice(1));
  if (typeof suffix !== "string") return suffix;
  if (isHandle) return { handle: head, suffix };
  return suffix === "" ? { handle: "", suffix: "!" } : { handle: "!", suffix };
}

/** `!`, a name, and `!` if it follows. */
function scanHandle(cursor: TextCursor): string {
  const start = cursor.offset;
  cursor.skip();
  cursor.readWhile(isNameCharacter);
  if (cursor.startsWith("!")) cursor.skip();
  return cursor.text.slice(start, cursor.offset);
}

/** The rest of a tag behind what was read of it; that something was makes an empty rest good. */
function scanUri(cursor: TextCursor, head: string | undefined): string | Problem {
  let uri = head ?? "";
  const start = cursor.offset;
  for (;;) {
    uri += cursor.readWhile(isUriCharacter);
    if (!cursor.startsWith("%")) break;
    const character = scanUriEscapes(cursor);
    if (typeof character !== "string") return character;
    uri += character;
  }
  const isEmpty = head === undefined && cursor.offset === start;
  return isEmpty ? { problem: "did not find expected tag URI" } : uri;
}

const uriPunctuation = new Set(Array.from(";/?:@&=+$,.!~*'()[]", (text) => text.charCodeAt(0)));

function isUriCharacter(code: number): boolean {
  return isNameCharacter(code) || uriPunctuation.has(code);
}

/** One character, written as the bytes of its UTF-8. */
function scanUriEscapes(cursor: TextCursor): string | Problem {
  const bytes: number[] = [];
  let missing = 1;
  while (missing > 0) {
    const [, hex] =
      /^%([0-9A-Fa-f]{2})/.exec(cursor.text.slice(cursor.offset, cursor.offset + 3)) ?? [];
    if (hex === undefined) return { problem: "did not find URI escaped octet" };
    const byte = Number.parseInt(hex, 16);
    if (bytes.length === 0) missing = byteCount(byte);
    else if ((byte & 0xc0) !== 0x80) return { problem: "found an incorrect trailing UTF-8 octet" };
    if (missing === 0) return { problem: "found an incorrect leading UTF-8 octet" };
    bytes.push(byte);
    for (let i = 0; i < 3; i++) cursor.skip();
    missing -= 1;
  }
  return new TextDecoder().decode(Uint8Array.from(bytes));
}

/** How many bytes a character has that begins with this one; 0 for one that begins none. */
function byteCount(first: number): number {
  if (first < 0x80) return 1;
  if (first < 0xc0 || first > 0xf7) return 0;
  if (first < 0xe0) return 2;
  return first < 0xf0 ? 3 : 4;
}

/** A directive as written. */
export type ScannedDirective =
  | { readonly kind: "version"; readonly version: string }
  | { readonly kind: "tag directive"; readonly handle: string; readonly prefix: string };

/** Returns the directive ahead, its line included. */
export function scanDirective(cursor: TextCursor): ScannedDirective | Problem {
  cursor.skip();
  const name = cursor.readWhile(isNameCharacter);
  if (name === "") return { problem: "could not find expected directive name" };
  if (!isBlankOrEnd(cursor.code())) {
    return { problem: "found unexpected non-alphabetical character" };
  }
  if (name !== "YAML" && name !== "TAG") return { problem: "found unknown directive name" };
  cursor.readWhile(isBlank);
  const directive = name === "YAML" ? scanVersion(cursor) : scanTagDirective(cursor);
  if ("problem" in directive) return directive;
  cursor.readWhile(isBlank);
  if (cursor.startsWith("#")) cursor.readWhile((code) => !isBreakOrEnd(code));
  if (!isBreakOrEnd(cursor.code())) {
    return { problem: "did not find expected comment or line break" };
  }
  if (isBreak(cursor.code())) cursor.readBreak();
  return directive;
}

function scanVersion(cursor: TextCursor): ScannedDirective | Problem {
  const major = scanVersionNumber(cursor);
  if (typeof major !== "number") return major;
  if (!cursor.startsWith(".")) return { problem: "did not find expected digit or '.' character" };
  cursor.skip();
  const minor = scanVersionNumber(cursor);
  return typeof minor === "number" ? { kind: "version", version: `${major}.${minor}` } : minor;
}

function scanVersionNumber(cursor: TextCursor): number | Problem {
  const digits = cursor.readWhile(isDigit);
  if (digits === "") return { problem: "did not find expected version number" };
  if (digits.length > 2) return { problem: "found extremely long version number" };
  return Number(digits);
}

function scanTagDirective(cursor: TextCursor): ScannedDirective | Problem {
  if (!cursor.startsWith("!")) return { problem: "did not find expected '!'" };
  const handle = scanHandle(cursor);
  if (handle !== "!" && !handle.endsWith("!")) return { problem: "did not find expected '!'" };
  if (!isBlank(cursor.code())) return { problem: "did not find expected whitespace" };
  cursor.readWhile(isBlank);
  const prefix = scanUri(cursor, undefined);
  if (typeof prefix !== "string") return prefix;
  if (!isBlankOrEnd(cursor.code())) {
    return { problem: "did not find expected whitespace or line break" };
  }
  return { kind: "tag directive", handle, prefix };
}
