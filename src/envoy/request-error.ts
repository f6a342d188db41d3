import type { RequestErrorCode } from "../model/error-codes.ts";

/** Why a request cannot be judged. A value: the door denies it with status 400. */
export class RequestError {
  readonly code: RequestErrorCode;

  constructor(code: RequestErrorCode) {
    this.code = code;
  }
}
