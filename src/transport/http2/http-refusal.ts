import { encodeHeaders, type HeaderEntry } from "../hpack/encoder.ts";
import { buildHeadersFrame } from "./frames.ts";
import type { Http2Stream, Route, StreamReceiver } from "./stream.ts";

/** An answer of plain HTTP. */
export interface HttpRefusal {
  readonly status: number;
  /** What is wrong, in a line. */
  readonly text: string;
  readonly headers?: readonly HeaderEntry[];
  /** Whether the text is left out, as with HEAD. */
  readonly withoutBody?: boolean;
}

/** Returns a route that answers requests with a status and a line of text, once they have come to their end. */
export function createRefusalRoute(refusal: HttpRefusal): Route {
  const body = Buffer.from(`${refusal.text}\n`);
  const entries: readonly HeaderEntry[] = [
    [":status", String(refusal.status)],
    ["content-type", "text/plain"],
    ["content-length", String(body.length)],
    ...(refusal.headers ?? []),
  ];
  const withoutBody = refusal.withoutBody ?? false;
  const head = buildHeadersFrame(encodeHeaders(entries), withoutBody);
  return {
    open: (stream) => new RefusedRequest(stream, head, withoutBody ? undefined : body),
  };
}

/** A request whose body is thrown away. */
class RefusedRequest implements StreamReceiver {
  isWaiting = true;
  readonly #stream: Http2Stream;
  readonly #head: Uint8Array;
  readonly #body: Uint8Array | undefined;

  constructor(stream: Http2Stream, head: Uint8Array, body: Uint8Array | undefined) {
    this.#stream = stream;
    this.#head = head;
    this.#body = body;
  }

  data(_bytes: Buffer, _start: number, _end: number, ended: boolean): void {
    if (!ended) return;
    this.isWaiting = false;
    const { carrier } = this.#stream;
    carrier.sendHeaders(this.#stream, this.#head, this.#body === undefined);
    if (this.#body === undefined) return;
    carrier.sendData(this.#stream, this.#body);
    if (!this.#stream.closed) carrier.sendEnd(this.#stream, undefined);
  }

  gone(): void {
    this.isWaiting = false;
  }
}
