import { toByteString } from "../../go-values/go-string.ts";

/** Returns the text in quotes as Go's `time` package puts it into errors: bytes that are not printable ASCII as `\xNN`. */
export function quoteTimeText(text: string): string {
  return quoteByteString(toByteString(text));
}

/** Returns the same as {@link quoteTimeText} for a text with one character a byte. */
export function quoteByteString(bytes: string): string {
  const escaped = bytes.replace(/[^ !#-[\]-~\x7f]/g, (character) => {
    if (character === '"' || character === "\\") return `\\${character}`;
    return `\\x${character.charCodeAt(0).toString(16).padStart(2, "0")}`;
  });
  return `"${escaped}"`;
}
