/** The counts of a transport, read whenever somebody asks; all but the `open…` ones only grow. */
export interface TransportState {
  readonly openConnections: number;
  readonly connections: number;
  readonly openStreams: number;
  readonly streams: number;
  /** Streams that the peer reset. */
  readonly streamsReset: number;
  /** Connections that were ended because of an error of the peer's, attacks included. */
  readonly connectionErrors: number;
  /** Connections that were ended because of a fault of our own. */
  readonly internalFaults: number;
  /** How often each limit was hit; those that were not at 0. */
  readonly attacks: Readonly<Record<string, number>>;
}
