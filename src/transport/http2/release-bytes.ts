/** Buffers smaller than this are left to the garbage collector. */
const smallestBytes = 8_192;

/**
 * Gives the memory of a large buffer back at once. The garbage collector would do it, but only by going through all of
 * the heap: a peer that sends many bytes would make it do that time and again.
 *
 * @param bytes a buffer that nobody looks at any more; it is left alone when it shares its memory
 * @param memoryBytes the size of the memory, where the buffer is known to be the only one in it and not to fill it
 */
export function releaseBytes(bytes: Buffer, memoryBytes: number = bytes.length): void {
  if (memoryBytes < smallestBytes) return;
  const { buffer } = bytes;
  if (buffer instanceof ArrayBuffer && memoryBytes === buffer.byteLength) buffer.transfer(0);
}
