import type { AllowResponse, DenyResponse } from "../../model/decision-response.ts";
import { CelMessage } from "../values/message.ts";

/** The status of a denial: these policies do not choose one. */
const FORBIDDEN = 403;

/** Returns the response that a `http.CheckResponse` stands for. One that says neither, or both, denies. */
export function readHttpResponse(message: CelMessage): AllowResponse | DenyResponse {
  const denied = message.has("denied") ? message.get("denied") : undefined;
  const isAllowed = message.has("ok") && denied === undefined;
  if (isAllowed) return plainAllow;
  const reason = denied instanceof CelMessage ? denied.get("reason") : "";
  const body = typeof reason === "string" ? reason : "";
  return { kind: "deny", status: FORBIDDEN, headers: [], body };
}

const plainAllow: AllowResponse = {
  kind: "allow",
  requestHeaders: [],
  removedHeaders: [],
  responseHeaders: [],
  queryParameters: [],
  removedQueryParameters: [],
};
