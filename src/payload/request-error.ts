import type { RequestErrorCode } from "../model/error-codes.ts";

/** The reason why a request cannot be judged. A value: the door denies it with status 400. */
export class RequestError {
  readonly code: RequestErrorCode;
  /** What exactly is wrong, for the log: nothing that was in the request. Empty where the code says it all. */
  readonly detail: string;

  constructor(code: RequestErrorCode, detail = "") {
    this.code = code;
    this.detail = detail;
  }
}
