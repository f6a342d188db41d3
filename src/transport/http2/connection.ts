import { Socket } from "node:net";
import type { Duplex } from "node:stream";
import { type AttackKind, limitOfAttack } from "./attack-limits.ts";
import { ByteBudget } from "./byte-budget.ts";
import {
  CLIENT_PREFACE,
  DEFAULT_WINDOW_BYTES,
  type ErrorCode,
  errorCode,
  frameType,
  MAX_31_BITS,
  nameOfError,
} from "./codes.ts";
import { chooseMaxAgeMs } from "./connection-lifetime.ts";
import type { ConnectionCut, ConnectionOptions } from "./connection-options.ts";
import { FloodCount, type FloodKind, isPaced } from "./flood-count.ts";
import { type DispatchHost, FrameDispatch } from "./frame-dispatch.ts";
import { FrameReader, unitsATurn } from "./frame-reader.ts";
import { connectionWindowBytes } from "./receive-window.ts";
import { releaseBytes } from "./release-bytes.ts";
import { Http2Sender, type SenderHost } from "./sender.ts";
import { buildSettings } from "./settings.ts";
import type { Http2Stream } from "./stream.ts";
import { StreamTable, type StreamTableHost, streamWindowBytes } from "./stream-table.ts";

/** How long the peer may take to answer the PING between the two GOAWAY frames, and to close after the last byte. */
const closingMs = 1_000;
/** What Node reads at once: when it has that much there is likely more. */
const fullReadBytes = 65_536;
/** How much of the time for which bytes may have lain unread is believed. */
const mostWaitedMs = 100;
/** What is read and thrown away of a peer that we have ended with, so that it can read why. */
const maxDiscardedBytes = 262_144;

/** The PING that is sent with the first GOAWAY, and the one that asks whether the peer is alive. */
const drainPing: Uint8Array = Buffer.from("ost-away");
const keepalivePing: Uint8Array = Buffer.from("ost-ping");

/** What one frame too many costs of its connection's time, where it does not end it: 10,000 of these a second at most. */
const paceMs = 0.1;
/**
 * How much of it may be owed before there is a pause: a thousand frames. An Envoy whose frames are not read ends its connection
 * itself when a thousand resets wait to be written, so what is passed on for clients may not be held up before it has to be.
 */
const leastPauseMs = 100;

/**
 * `open` → `draining` (the first GOAWAY is sent) → `closing` (the last one is sent) → `ended` (nothing more is read). After an
 * error `answering` → `ended`: nothing more is read either, but calls that have been taken are still answered.
 */
type ConnectionState = "open" | "draining" | "closing" | "answering" | "ended";

/**
 * The server's side of one HTTP/2 connection (RFC 9113). Nothing is thrown out of it: whatever goes wrong ends this
 * connection, and no other.
 */
export class Http2Connection implements SenderHost, StreamTableHost, DispatchHost {
  readonly floods: FloodCount;
  readonly #socket: Duplex;
  readonly #options: ConnectionOptions;
  readonly #sender: Http2Sender;
  readonly #streams: StreamTable;
  readonly #dispatch: FrameDispatch;
  readonly #reader: FrameReader;
  readonly #openedMs: number;
  readonly #maxAgeMs: number;
  #state: ConnectionState = "open";
  /** When the state was entered. */
  #stateMs: number;
  #prefaceAt = 0;
  #turn = -1;
  #isPaused = false;
  /** Since when there has always been more to read. */
  #behindSinceMs: number | undefined;
  #idleSinceMs: number;
  #pingSentMs: number | undefined;
  /** When the connection is cut if it still drains. */
  #cutMs = Infinity;
  #discardedBytes = 0;
  /** Until when the peer's floods are paid for, in time that has gone by. */
  #paidUntilMs = 0;
  /** What the last GOAWAY says, when it is not an error that ends the connection at once. */
  #lastCode: ErrorCode = errorCode.NO_ERROR;

  constructor(socket: Duplex, options: ConnectionOptions) {
    const nowMs = performance.now();
    this.#socket = socket;
    this.#options = options;
    this.#openedMs = nowMs;
    this.#stateMs = nowMs;
    this.#idleSinceMs = nowMs;
    this.#maxAgeMs = chooseMaxAgeMs(options.lifetime);
    this.floods = new FloodCount(options.floodLimits, nowMs);
    const unsent = new ByteBudget(options.limits.maxUnsentBytes, options.unsent);
    this.#sender = new Http2Sender(socket, options.slabs, unsent, this);
    this.#streams = new StreamTable(this, this.#sender, options, nowMs);
    this.#dispatch = new FrameDispatch(this, this.#streams, this.#sender, options);
    this.#reader = new FrameReader(this.#dispatch);
  }

  /** Greets the peer and begins to read. */
  start(): void {
    const { limits, maxConcurrentStreams } = this.#options;
    const settings = buildSettings({
      maxConcurrentStreams,
      initialWindow: streamWindowBytes,
      maxHeaderListBytes: limits.maxHeaderListBytes,
    });
    this.#sender.sendFrame(frameType.SETTINGS, 0, 0, settings);
    const more = connectionWindowBytes - DEFAULT_WINDOW_BYTES;
    this.#sender.sendNumber(frameType.WINDOW_UPDATE, 0, more);
    this.#sender.output.flush();
    this.#socket.on("data", (chunk: Buffer) => {
      this.#read(chunk);
    });
    // A close follows: by Node, or for errors of TLS by the listener.
    this.#socket.on("error", () => {});
    this.#socket.once("close", () => {
      this.#enter("ended");
      this.#guard(() => {
        this.#streams.loseAll();
      });
    });
  }

  get isClosing(): boolean {
    return this.#state === "closing";
  }

  get isEnded(): boolean {
    return this.#state === "answering" || this.#state === "ended";
  }

  /** Begins to end the connection when its streams have ended: GOAWAY, and another one a round trip later (RFC 9113 section 6.8). */
  drain(): void {
    if (this.#state !== "open") return;
    if (!this.#dispatch.isSettled) {
      this.#end(errorCode.NO_ERROR);
      return;
    }
    this.#enter("draining");
    this.#sender.sendGoaway(MAX_31_BITS, errorCode.NO_ERROR);
    this.#sender.sendFrame(frameType.PING, 0, 0, drainPing);
  }

  /** Cuts the connection. */
  destroy(): void {
    this.#socket.destroy();
  }

  /** Ends what has taken too long; to be called again and again. */
  check(nowMs: number): void {
    this.#guard(() => {
      if (this.#state === "ended") {
        if (nowMs - this.#stateMs > closingMs) this.destroy();
        return;
      }
      if (this.#state === "answering") {
        if (nowMs - this.#stateMs > this.#options.lifetime.maxConnectionAgeGraceMs) {
          this.#finish();
          this.#streams.loseAll();
        }
        return;
      }
      this.#checkPeer(nowMs);
      this.#checkLifetime(nowMs);
      this.#streams.check(nowMs);
    });
  }

  fail(code: ErrorCode): void {
    if (!this.isEnded) {
      this.#tell("ended", { error: nameOfError(code) });
      this.#fail(code);
    }
  }

  attacked(kind: AttackKind): void {
    if (!this.isEnded) {
      this.#options.counters.attacks[kind]++;
      this.#tell("ended", { limit: limitOfAttack[kind] });
      this.#fail(errorCode.ENHANCE_YOUR_CALM);
    }
  }

  flooded(kind: FloodKind): boolean {
    if (!isPaced(kind)) {
      this.attacked(kind);
      return true;
    }
    this.#options.counters.attacks[kind]++;
    this.#paidUntilMs = Math.max(this.#paidUntilMs, this.#streams.readAtMs) + paceMs;
    if (this.floods.isServed) {
      if (this.#debtMs > leastPauseMs) this.#tell("slowed down", { limit: limitOfAttack[kind] });
    } else if (this.#state === "open") {
      // Nobody is served here. What may come of others all the same goes to a new connection, and nothing of it is lost.
      this.#options.counters.connectionErrors++;
      this.#tell("ended", { limit: limitOfAttack[kind] });
      this.#lastCode = errorCode.ENHANCE_YOUR_CALM;
      this.#cutMs = performance.now() + this.#options.lifetime.maxConnectionAgeGraceMs;
      this.drain();
    }
    return false;
  }

  ended(stream: Http2Stream): void {
    this.#streams.ended(stream);
  }

  unsentOver(stream: Http2Stream): void {
    this.#streams.unsentOver(stream);
  }

  charge(units: number): void {
    this.#reader.workLeft -= units;
  }

  becameIdle(): void {
    this.#idleSinceMs = this.#streams.readAtMs;
    if (this.#state === "closing" || this.#state === "answering") this.#finish();
  }

  pong(bytes: Buffer, at: number): void {
    const payload = bytes.subarray(at, at + drainPing.length);
    if (this.#state === "draining" && payload.equals(drainPing)) this.#sendLastGoaway();
    else if (payload.equals(keepalivePing)) this.#pingSentMs = undefined;
  }

  peerLeaves(): void {
    if (this.#state === "open" || this.#state === "draining") this.#sendLastGoaway();
  }

  #enter(state: ConnectionState): void {
    this.#state = state;
    this.#stateMs = performance.now();
    if (state === "answering" || state === "ended") this.#dispatch.close();
  }

  #read(chunk: Buffer): void {
    if (this.#state === "answering") return;
    if (this.#state === "ended") {
      this.#discardedBytes += chunk.length;
      if (this.#discardedBytes > maxDiscardedBytes) this.destroy();
      return;
    }
    const turn = this.#options.turns.now();
    if (turn !== this.#turn) {
      this.#turn = turn;
      this.#reader.workLeft = unitsATurn;
    }
    this.#streams.bytesKept = false;
    this.#parse(chunk, this.#readPreface(chunk));
  }

  #parse(chunk: Buffer, from: number): void {
    const { output } = this.#sender;
    let at = chunk.length;
    output.corked = true;
    this.#guard(() => {
      const nowMs = performance.now();
      this.#streams.readAtMs = nowMs;
      this.#behindSinceMs ??= this.#options.turns.unseenSinceMs;
      this.#streams.waitedMs = Math.min(nowMs - this.#behindSinceMs, mostWaitedMs);
      at = this.#reader.read(chunk, from, nowMs);
    });
    output.corked = false;
    output.flush();
    const isAllRead = at === chunk.length;
    if (isAllRead && chunk.length < fullReadBytes) this.#behindSinceMs = undefined;
    if (isAllRead && !this.#streams.bytesKept) releaseBytes(chunk);
    if (output.inFlight > this.#options.limits.maxOutputBytes) {
      this.#cut("unread-output");
    } else if (!this.isEnded && (this.#reader.workLeft <= 0 || this.#debtMs > leastPauseMs)) {
      this.#pause(isAllRead ? undefined : () => this.#parse(chunk, at));
    }
  }

  /** How much time floods have cost the peer that has not gone by yet. */
  get #debtMs(): number {
    return this.#paidUntilMs - this.#streams.readAtMs;
  }

  /** Reads no more until all other connections have had their turn, and what floods have cost is paid. */
  #pause(readRest: (() => void) | undefined): void {
    const readOn = (): void => {
      this.#reader.workLeft = unitsATurn;
      this.#isPaused = false;
      if (!this.isEnded) readRest?.();
      if (!this.#isPaused && this.#state !== "answering") this.#socket.resume();
    };
    this.#isPaused = true;
    this.#socket.pause();
    const excessMs = this.#debtMs - leastPauseMs;
    if (excessMs > 0) setTimeout(readOn, excessMs);
    else setImmediate(readOn);
  }

  /** Compares with the client's preface; returns where frames begin in the chunk. */
  #readPreface(chunk: Buffer): number {
    let at = 0;
    while (this.#prefaceAt < CLIENT_PREFACE.length && at < chunk.length) {
      if (chunk[at] !== CLIENT_PREFACE.charCodeAt(this.#prefaceAt)) {
        this.fail(errorCode.PROTOCOL_ERROR);
        return chunk.length;
      }
      this.#prefaceAt++;
      at++;
    }
    return at;
  }

  /** Runs what must not throw; when it does, the fault is ours and ends the connection. */
  #guard(act: () => void): void {
    try {
      act();
    } catch (error) {
      this.#options.counters.internalFaults++;
      this.#options.onFault(error);
      if (this.isEnded) this.destroy();
      else this.#end(errorCode.INTERNAL_ERROR);
    }
  }

  #sendLastGoaway(): void {
    this.#enter("closing");
    this.#sender.sendGoaway(this.#streams.lastId, this.#lastCode);
    if (this.#streams.size === 0) this.#finish();
  }

  #fail(code: ErrorCode): void {
    this.#options.counters.connectionErrors++;
    this.#end(code);
  }

  /** Says why, and ends: nothing more is read, and calls that have been taken are answered first. */
  #end(code: ErrorCode): void {
    this.#sender.sendGoaway(this.#streams.lastId, code);
    this.#sender.output.flush();
    this.#socket.pause();
    this.#enter("answering");
    this.#streams.loseUnfinished();
    if (this.#streams.size === 0) this.#finish();
  }

  #finish(): void {
    if (this.#state === "ended") return;
    this.#enter("ended");
    this.#sender.output.flush();
    this.#socket.end();
    this.#socket.resume();
  }

  #cut(kind: AttackKind): void {
    this.#options.counters.attacks[kind]++;
    this.#tell("ended", { limit: limitOfAttack[kind] });
    this.destroy();
  }

  #tell(became: ConnectionCut["became"], why: ConnectionCut["why"]): void {
    this.#options.onCut({ became, why, peer: peerOf(this.#socket) });
  }

  #checkPeer(nowMs: number): void {
    const { limits } = this.#options;
    const { output } = this.#sender;
    const partialMs = this.#dispatch.blockSinceMs ?? this.#reader.partialSinceMs ?? Infinity;
    if (!this.#dispatch.isSettled && nowMs - this.#openedMs > limits.prefaceTimeoutMs) {
      this.attacked("slow-preface");
    } else if (
      !this.#streams.settingsAcknowledged &&
      nowMs - this.#openedMs > limits.settingsTimeoutMs
    ) {
      this.#options.counters.attacks["slow-settings"]++;
      this.#tell("ended", { limit: "settingsTimeoutMs" });
      this.#fail(errorCode.SETTINGS_TIMEOUT);
    } else if (nowMs - partialMs > limits.requestTimeoutMs) {
      this.attacked("slow-frame");
    } else if (output.inFlight > 0 && nowMs - output.progressMs > limits.stallTimeoutMs) {
      this.#cut("stalled-output");
    }
  }

  #checkLifetime(nowMs: number): void {
    const { keepaliveMs, keepaliveTimeoutMs, idleTimeoutMs, maxConnectionAgeGraceMs } =
      this.#options.lifetime;
    if (nowMs > this.#cutMs) {
      this.#tell("ended", { limit: "maxConnectionAgeGraceMs" });
      this.destroy();
    } else if (nowMs - (this.#pingSentMs ?? Infinity) > keepaliveTimeoutMs) {
      this.#tell("ended", { limit: "keepaliveTimeoutMs" });
      this.destroy();
    } else if (this.#state === "draining" && nowMs - this.#stateMs > closingMs) {
      this.#sendLastGoaway();
    } else if (this.#state === "open" && nowMs - this.#openedMs > this.#maxAgeMs) {
      this.#cutMs = nowMs + maxConnectionAgeGraceMs;
      this.drain();
    } else if (this.#streams.size === 0 && nowMs - this.#idleSinceMs > idleTimeoutMs) {
      this.drain();
    } else if (this.#pingSentMs === undefined && nowMs - this.#streams.readAtMs > keepaliveMs) {
      this.#pingSentMs = nowMs;
      this.#sender.sendFrame(frameType.PING, 0, 0, keepalivePing);
    }
  }
}

function peerOf(socket: Duplex): string | undefined {
  return socket instanceof Socket && socket.remoteAddress !== undefined
    ? `${socket.remoteAddress}:${socket.remotePort}`
    : undefined;
}
