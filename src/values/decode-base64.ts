const lineEnd = /[\r\n]/;
const lineEnds = /[\r\n]/g;
const alphabetAndPadding = /^[A-Za-z0-9+/]*={0,2}$/;
const alphabet = /[A-Za-z0-9+/]/;

/**
 * Returns the bytes of padded standard base64 (RFC 4648 §4), or the offset of what is wrong, as Go's `encoding/base64`
 * reports it. Line ends are skipped wherever they are, and stray low bits at the end are tolerated.
 */
export function decodeBase64(text: string): Uint8Array | number {
  const clean = text.replace(lineEnds, "");
  const isSound = clean.length % 4 === 0 && alphabetAndPadding.test(clean);
  return isSound ? Buffer.from(clean, "base64") : findFault(text);
}

/** The offset in bytes; whatever is not ASCII is itself the fault, so that it is one in characters as well. */
function findFault(text: string): number {
  let filled = 0;
  for (let i = 0; i < text.length; i++) {
    const character = text.charAt(i);
    if (lineEnd.test(character)) continue;
    if (alphabet.test(character)) filled = (filled + 1) % 4;
    else if (character !== "=" || filled < 2) return i;
    else return findPaddingFault(text, i, filled);
  }
  // Go counts back from the end by characters of the group, line ends not considered.
  return text.length - filled;
}

/** The offset of what is wrong from the first padding character on. */
function findPaddingFault(text: string, at: number, filled: number): number {
  const next = skipLineEnds(text, at + 1);
  if (filled === 3 || next === text.length) return next;
  return text.charAt(next) === "=" ? skipLineEnds(text, next + 1) : next - 1;
}

function skipLineEnds(text: string, from: number): number {
  let at = from;
  while (at < text.length && lineEnd.test(text.charAt(at))) at++;
  return at;
}
