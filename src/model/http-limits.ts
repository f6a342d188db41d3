/** Bounds on the connections of a plain HTTP server, and on what is held for them. */
export interface HttpLimits {
  /** Requests on connections beyond this number are refused unread; a few more than that and they are not even accepted. */
  readonly maxConnections: number;
  /** How long a connection may take to send a request's head. */
  readonly headerTimeoutMs: number;
  /** How long a request may take to come in, body included. */
  readonly requestTimeoutMs: number;
  /** How long the rest of a request that was answered early is read and dropped, before its connection is closed. */
  readonly lingerMs: number;
  /** How much of it. */
  readonly lingerBytes: number;
}

/** Bounds on an HTTP server that reads bodies. */
export interface HttpDoorLimits extends HttpLimits {
  /** Bytes of request bodies that are held, of all connections: from their first byte to the answer. */
  readonly maxUnfinishedBytes: number;
}

/** The bounds at the HTTP door, unless options say otherwise. */
export const defaultHttpLimits: HttpDoorLimits = {
  maxConnections: 4_096,
  maxUnfinishedBytes: 134_217_728,
  headerTimeoutMs: 10_000,
  requestTimeoutMs: 30_000,
  lingerMs: 10_000,
  lingerBytes: 67_108_864,
};

/** The bounds at the admin door, whose connections alone are an option. */
export const defaultAdminLimits: HttpLimits = {
  maxConnections: 256,
  headerTimeoutMs: 10_000,
  requestTimeoutMs: 10_000,
  lingerMs: 1_000,
  lingerBytes: 1_048_576,
};

/** Told that a limit was reached, and whose connection it was. */
export type OnHttpLimit = (limit: keyof HttpDoorLimits, peer: string | undefined) => void;
