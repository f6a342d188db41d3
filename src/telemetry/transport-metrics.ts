import type { Registry } from "prom-client";
import { gauge, labelled, total } from "./scraped-metrics.ts";
import type { TransportState } from "./transport-state.ts";

/** Shows what a transport counts, read when it is scraped: the transport itself only counts. */
export function createTransportMetrics(registers: Registry[], state: TransportState): void {
  gauge(
    registers,
    "ostiary_transport_connections",
    "gRPC connections open.",
    () => state.openConnections,
  );
  gauge(registers, "ostiary_transport_streams", "gRPC calls open.", () => state.openStreams);
  total(
    registers,
    "ostiary_transport_connections_total",
    "gRPC connections taken.",
    () => state.connections,
  );
  total(registers, "ostiary_transport_streams_total", "gRPC calls taken.", () => state.streams);
  total(
    registers,
    "ostiary_transport_resets_total",
    "gRPC calls reset by the peer.",
    () => state.streamsReset,
  );
  labelled(
    registers,
    {
      name: "ostiary_transport_connection_errors_total",
      label: "fault",
      help: "Connections ended by an error.",
    },
    () => ({ peer: state.connectionErrors, internal: state.internalFaults }),
  );
  labelled(
    registers,
    {
      name: "ostiary_transport_attacks_total",
      label: "kind",
      help: "Limits of the transport that were hit.",
    },
    () => state.attacks,
  );
}
