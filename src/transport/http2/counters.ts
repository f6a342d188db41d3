import type { AttackKind } from "./attack-limits.ts";

/** The counts of a transport; all but the `open…` ones only grow. */
export interface TransportCounters {
  openConnections: number;
  connections: number;
  /** Over all connections; responses that are still being sent included. */
  openStreams: number;
  streams: number;
  /** Streams that the peer reset. */
  streamsReset: number;
  /** Connections that were ended because of an error of the peer's, attacks included. */
  connectionErrors: number;
  /** Connections that were ended because of a fault of our own. */
  internalFaults: number;
  /** How often each limit was hit. */
  readonly attacks: Record<AttackKind, number>;
}

/** Returns counters that all stand at 0. */
export function createTransportCounters(): TransportCounters {
  return {
    openConnections: 0,
    connections: 0,
    openStreams: 0,
    streams: 0,
    streamsReset: 0,
    connectionErrors: 0,
    internalFaults: 0,
    attacks: {
      "rapid-reset": 0,
      "continuation-flood": 0,
      "settings-flood": 0,
      "ping-flood": 0,
      "empty-frame-flood": 0,
      "priority-flood": 0,
      "unknown-frame-flood": 0,
      "window-update-flood": 0,
      "tiny-window": 0,
      "table-size-churn": 0,
      "header-list": 0,
      "slow-preface": 0,
      "slow-settings": 0,
      "slow-frame": 0,
      "slow-request": 0,
      "stalled-window": 0,
      "stalled-output": 0,
      "unread-output": 0,
      "unsent-responses": 0,
      "unfinished-requests": 0,
      "inflating-messages": 0,
      "too-many-streams": 0,
      "too-many-connections": 0,
    },
  };
}
