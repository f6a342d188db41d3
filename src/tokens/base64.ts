/**
 * Base64 as Go's `encoding/base64` reads it: CR and LF are skipped, stray low bits at the end are tolerated, and
 * anything else that is not of the alphabet is refused with its offset. Node's own reader skips what it does not know.
 */

const urlAlphabet = /^[A-Za-z0-9_-]*$/;
const outsideUrlAlphabet = /[^A-Za-z0-9_\r\n-]/;
const lineEnds = /[\r\n]/g;
const standardPadded = /^(?:[A-Za-z0-9+/]{4})*(?:[A-Za-z0-9+/]{2}==|[A-Za-z0-9+/]{3}=)?$/;

/**
 * Returns the bytes of unpadded base64url (RFC 4648 §5, RFC 7515 §2), or the offset of what is wrong, which the Go engine
 * reports as `illegal base64 data at input byte N`.
 */
export function decodeBase64Url(text: string): Buffer | number {
  const clean = urlAlphabet.test(text) ? text : text.replace(lineEnds, "");
  // A rune outside ASCII is the first thing that is wrong, so what is before it has as many bytes as characters.
  if (clean.length !== text.length || !urlAlphabet.test(clean)) {
    const offset = text.search(outsideUrlAlphabet);
    if (offset >= 0) return offset;
  }
  return clean.length % 4 === 1 ? text.length - 1 : Buffer.from(clean, "base64url");
}

/** Returns whether the text is the only one for its bytes: no line ends, and no stray bits in its last character. */
export function isCanonicalBase64Url(text: string): boolean {
  return urlAlphabet.test(text) && Buffer.from(text, "base64url").toString("base64url") === text;
}

/** Returns the bytes of padded standard base64 (RFC 4648 §4), or undefined when the text is anything else. */
export function decodeBase64Standard(text: string): Buffer | undefined {
  const clean = text.replace(lineEnds, "");
  return standardPadded.test(clean) ? Buffer.from(clean, "base64") : undefined;
}
