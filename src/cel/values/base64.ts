/** Returns the bytes of standard base64, with or without padding, line breaks skipped; undefined for anything else. */
export function decodeBase64Bytes(text: string): Uint8Array | undefined {
  const compact = text.replaceAll(/[\r\n]/g, "");
  const digits = compact.replace(/={0,2}$/, "");
  const isPadded = digits.length !== compact.length;
  if (!/^[A-Za-z0-9+/]*$/.test(digits) || digits.length % 4 === 1) return undefined;
  if (isPadded && compact.length % 4 !== 0) return undefined;
  return new Uint8Array(Buffer.from(digits, "base64"));
}
