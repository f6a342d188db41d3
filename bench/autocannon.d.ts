/** The part of autocannon (which ships no types) that the benchmark uses. */
declare module "autocannon" {
  /** One of the requests that are sent in turn. */
  export interface Request {
    readonly method: string;
    readonly path: string;
    readonly headers: Readonly<Record<string, string>>;
    readonly body?: string | undefined;
    /** Called before each call, with this request; what is sent comes back. */
    readonly setupRequest?: (request: Request) => Request;
    /** Called with the status of each answer to this request. */
    readonly onResponse: (status: number) => void;
  }
  interface Options {
    readonly url: string;
    readonly connections: number;
    /** In seconds. */
    readonly duration: number;
    /** In seconds; a request without an answer by then is an error. */
    readonly timeout: number;
    readonly requests: readonly Request[];
  }
  /** A run; it emits `response` for every answer, and `reqError` for every request without one. */
  interface Instance extends PromiseLike<unknown> {
    on(
      event: "response",
      listener: (client: unknown, status: number, bytes: number, milliseconds: number) => void,
    ): this;
    on(event: "reqError", listener: (error: Error) => void): this;
    stop(): void;
  }
  export default function autocannon(options: Options): Instance;
}
