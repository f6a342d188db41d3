/** Less is no burden. */
const smallestBytes = 8_192;

/** An ArrayBuffer that can be emptied: from Node 22 on. */
interface Transferable {
  transfer(byteLength: number): unknown;
}

/**
 * Gives the memory of a large buffer back at once. The garbage collector would do it, but only by going through all of
 * the heap: a peer that sends many bytes would make it do that time and again.
 *
 * @param bytes a buffer that nobody looks at any more; it is left alone when it shares its memory
 * @param memoryBytes the size of the memory, where the buffer is known to be the only one in it and not to fill it
 */
export function releaseBytes(bytes: Buffer, memoryBytes: number = bytes.length): void {
  if (memoryBytes < smallestBytes) {
    return;
  }
  const { buffer } = bytes;
  if (memoryBytes === buffer.byteLength && isTransferable(buffer)) {
    buffer.transfer(0);
  }
}

function isTransferable(buffer: object): buffer is Transferable {
  return "transfer" in buffer;
}
