/** Returns how many code points a well-formed text has. */
export function codePointLength(text: string): number {
  let length = text.length;
  for (let index = 0; index < text.length; index += 1) {
    const unit = text.charCodeAt(index);
    if (unit >= 0xdc00 && unit <= 0xdfff) length -= 1;
  }
  return length;
}

/** Returns the offset in UTF-16 units of a code point's index, at most the length of the text. */
export function offsetOf(text: string, index: number): number {
  let offset = 0;
  for (let left = index; left > 0 && offset < text.length; left -= 1) {
    const unit = text.charCodeAt(offset);
    offset += unit >= 0xd800 && unit <= 0xdbff ? 2 : 1;
  }
  return offset;
}
