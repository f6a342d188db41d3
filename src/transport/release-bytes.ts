/** Less is no burden. */
const SMALLEST_BYTES = 8_192;

/** An ArrayBuffer that can be emptied: from Node 22 on. */
interface Transferable {
  transfer(byteLength: number): unknown;
}

/**
 * Gives the memory of a large buffer back at once. The garbage collector would do it, but only by going through all of
 * the heap: a peer that sends many bytes would make it do that time and again.
 *
 * @param bytes a buffer that nobody looks at any more; it is left alone when it shares its memory
 */
export function releaseBytes(bytes: Buffer): void {
  if (bytes.length < SMALLEST_BYTES) {
    return;
  }
  const { buffer } = bytes;
  if (bytes.length === buffer.byteLength && isTransferable(buffer)) {
    buffer.transfer(0);
  }
}

function isTransferable(buffer: object): buffer is Transferable {
  return "transfer" in buffer;
}
