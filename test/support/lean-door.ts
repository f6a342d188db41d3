import type { TestContext } from "node:test";
import { Client, credentials } from "@grpc/grpc-js";
import type { StreamingHandler } from "../../src/transport/grpc-transport.ts";
import { createLeanTransport, type LeanTransport } from "../../src/transport/lean-transport.ts";

/** Returns a lean transport with streaming handlers, and a grpc-js client for it; both end with the test. */
export async function startLeanDoor(
  t: TestContext,
  streamingHandlers: ReadonlyMap<string, StreamingHandler>,
): Promise<{ transport: LeanTransport; client: Client; address: string }> {
  const transport = createLeanTransport({
    handlers: new Map(),
    streamingHandlers,
    maxMessageBytes: 65_536,
  });
  const address = await transport.listen("127.0.0.1:0");
  const client = new Client(address, credentials.createInsecure(), {
    "grpc.enable_http_proxy": 0,
    "grpc.use_local_subchannel_pool": 1,
  });
  t.after(async () => {
    client.close();
    await transport.close(0);
  });
  return { transport, client, address };
}
