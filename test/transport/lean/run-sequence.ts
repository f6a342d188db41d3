import { connectPeer, type Peer } from "../../support/h2-peer.ts";
import { errorNames, type Frame, flag, frameType, ping } from "../../support/h2-wire.ts";
import type { FrameSequence } from "./frame-sequences.ts";

/** A server's response to a sequence. */
export interface SequenceOutcome {
  /**
   * `accepted`; `connection CODE` for a GOAWAY with an error; `connection closed` without one; `stream CODE` for the
   * streams that were reset, each code once; "no answer" when a whole request was not answered though nothing was refused.
   */
  readonly verdict: string;
}

const lastPing = "the-last";

/**
 * Sends a sequence, waits until the server has said all it has to say, and resolves with what that was: `accepted`;
 * `connection CODE` for a GOAWAY with an error, `connection closed` without one; `stream CODE` for the streams that were
 * reset, each code once; `no answer` when a whole request was not answered though nothing was refused.
 */
export async function runSequence(port: number, sequence: FrameSequence): Promise<string> {
  const peer = await connectPeer({ port, host: "127.0.0.1" });
  for (const piece of sequence.pieces) await peer.push(piece);
  peer.write(ping(lastPing));
  await peer.until(
    (frame) => isError(frame) || (isPingAck(frame) && frame.payload.toString() === lastPing),
  );
  // A connection error closes the connection; what comes before that is not worth telling apart.
  const goaway = peer.goaway();
  if (goaway !== undefined && goaway !== "NO_ERROR") return finish(peer, `connection ${goaway}`);
  if (peer.closed) return finish(peer, "connection closed");
  for (const stream of sequence.requests) {
    const settled = await peer.until(
      (frame) => frame.stream === stream && (isEnd(frame) || frame.type === frameType.RST_STREAM),
      1_000,
    );
    if (settled === undefined && !peer.closed) return finish(peer, "no answer");
  }
  if (peer.closed) return finish(peer, "connection closed");
  const codes = resetCodes(peer);
  return finish(peer, codes === "" ? "accepted" : `stream ${codes}`);
}

function finish(peer: Peer, verdict: string): string {
  peer.destroy();
  return verdict;
}

function isError({ type, payload }: Frame): boolean {
  return type === frameType.GOAWAY && payload.readUInt32BE(4) !== 0;
}

function isPingAck({ type, flags }: Frame): boolean {
  return type === frameType.PING && (flags & flag.ACK) !== 0;
}

function isEnd({ type, flags }: Frame): boolean {
  return (type === frameType.DATA || type === frameType.HEADERS) && (flags & flag.END_STREAM) !== 0;
}

/** The codes of all resets but those without an error, which only say that the rest of a request is not needed. */
function resetCodes(peer: Peer): string {
  const codes = peer.frames
    .filter(({ type }) => type === frameType.RST_STREAM)
    .map(({ payload }) => errorNames[payload.readUInt32BE(0)] ?? "UNKNOWN")
    .filter((code) => code !== "NO_ERROR");
  return [...new Set(codes)].toSorted((a, b) => a.localeCompare(b)).join(" ");
}
