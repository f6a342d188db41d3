/** A request as the HTTP door read it; text as Node gives it, one character a byte. */
export interface HttpRequestHead {
  readonly method: string;
  /** The request target: path and query as sent. */
  readonly target: string;
  /** Names and values in turn, as sent, repeated ones included. */
  readonly rawHeaders: readonly string[];
  /** `1.1`, `1.0`. */
  readonly httpVersion: string;
  readonly remoteAddress: string | undefined;
  readonly remotePort: number | undefined;
  /** When it came, in milliseconds since the epoch. */
  readonly receivedMs: number;
}
