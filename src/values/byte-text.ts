import { bytesToGoString } from "../go-values/go-string.ts";

/** Returns the string whose bytes are the characters U+0000 to U+00FF of `text`: the way back from `toByteString`. */
export function fromByteString(text: string): string {
  return bytesToGoString(Buffer.from(text, "latin1"));
}

/** Returns the string with each byte that is not valid UTF-8 as U+FFFD, which is how Go reads it rune by rune. */
export function replaceInvalidBytes(text: string): string {
  return text.toWellFormed();
}
