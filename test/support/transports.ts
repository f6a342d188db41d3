import { createGrpcJsTransport } from "../../src/transport/grpc-js/transport.ts";
import type { Transport, TransportOptions } from "../../src/transport/grpc-transport.ts";
import { createLeanTransport } from "../../src/transport/lean-transport.ts";

/** An adapter of the transport port, by the name that `--transport` knows it by. */
export interface Adapter {
  readonly name: "grpc-js" | "lean";
  create(options: TransportOptions): Transport;
}

/** Every adapter: what holds for one has to hold for all. */
export const adapters: readonly Adapter[] = [
  { name: "grpc-js", create: createGrpcJsTransport },
  { name: "lean", create: createLeanTransport },
];

/** Returns the adapter of this name; throws where there is none. */
export function findAdapter(name: string): Adapter {
  const found = adapters.find((adapter) => adapter.name === name);
  if (found === undefined) throw new Error(`no adapter \`${name}\``);
  return found;
}
