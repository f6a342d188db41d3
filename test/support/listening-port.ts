import assert from "node:assert/strict";
import type { Server } from "node:net";

/** Returns the port of 127.0.0.1 that the server listens on, once it does. */
export async function listeningPort(server: Server): Promise<number> {
  await new Promise<void>((resolve) => {
    server.listen(0, "127.0.0.1", resolve);
  });
  const address = server.address();
  assert.ok(typeof address === "object" && address !== null);
  return address.port;
}
