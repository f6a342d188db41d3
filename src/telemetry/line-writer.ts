import { fstatSync, writeSync } from "node:fs";

/** Writes lines to a stream that may fail, stall or be gone; nobody who writes ever learns of it. */
export interface LineWriter {
  /** Writes the line, its line feed included, or drops it: never throws and never waits. */
  write(line: string): void;
  /** How many lines were dropped. */
  dropped(): number;
  /** Resolves when everything is written, or after half a second. */
  flush(): Promise<void>;
}

/** The part of `process.stdout` and `process.stderr` that is needed. */
export interface StandardStream {
  readonly fd: number;
  readonly isTTY?: boolean;
  /** Bytes that wait for a reader. */
  readonly writableLength: number;
  on(event: "error", listener: (error: Error) => void): unknown;
  write(text: string, callback: (error?: Error | null) => void): boolean;
}

/** How much may wait for a reader that does not read, in bytes. */
const maxWaitingBytes = 1_048_576;

const flushMs = 500;

/**
 * Returns the writer of a standard stream. A full disk, a reader that is gone and one that no longer reads all cost lines,
 * and nothing but lines; when the fault is over, lines are written again.
 */
export function createLineWriter(stream: StandardStream): LineWriter {
  // Without a listener a failed write, of anybody's, would end the process. Each is counted where it was written.
  stream.on("error", () => {});
  return isFile(stream) ? createFileWriter(stream.fd) : createStreamWriter(stream);
}

/** Returns whether writes are done at once: to files and to devices that are no terminal. */
function isFile({ fd, isTTY }: StandardStream): boolean {
  try {
    const stats = fstatSync(fd);
    return stats.isFile() || (stats.isCharacterDevice() && !isTTY);
  } catch {
    return false; // Not even open: writing to it fails, and is counted.
  }
}

/** Not by Node's stream: that takes a line for written of which a full disk took half. */
function createFileWriter(fd: number): LineWriter {
  let dropped = 0;
  let isTorn = false;
  const write = (line: string): void => {
    // Whatever follows half a line would be taken for its end.
    const bytes = Buffer.from(isTorn ? `\n${line}` : line);
    let written = 0;
    try {
      while (written < bytes.length) written += writeSync(fd, bytes, written);
      isTorn = false;
    } catch {
      dropped++;
      if (written > 0) isTorn = true;
    }
  };
  return { write, dropped: () => dropped, flush: () => Promise.resolve() };
}

function createStreamWriter(stream: StandardStream): LineWriter {
  let dropped = 0;
  const count = (error: Error | null | undefined): void => {
    if (error) dropped++;
  };
  return {
    write(line) {
      if (stream.writableLength > maxWaitingBytes) dropped++;
      else stream.write(line, count);
    },
    dropped: () => dropped,
    async flush() {
      for (const endMs = performance.now() + flushMs; performance.now() < endMs; ) {
        if (stream.writableLength === 0) return;
        await new Promise((resolve) => setTimeout(resolve, 5));
      }
    },
  };
}
