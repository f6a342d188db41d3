import assert from "node:assert/strict";
import { suite, test } from "node:test";
import { setTimeout as sleep } from "node:timers/promises";
import { doorPort, startOstiary } from "../../support/child-server.ts";
import { allowed, createFakeDispatcher } from "../../support/fake-dispatcher.ts";
import { startHttpDoor } from "../../support/http-door.ts";
import { type KeptConnection, keptConnection } from "../../support/kept-connection.ts";

const saysClose = (head: string): boolean => /^connection: close$/im.test(head);

/** Clients that have been answered once, so that their connections are kept. */
async function keptClients(port: number, path: string): Promise<readonly KeptConnection[]> {
  const clients = Array.from({ length: 16 }, () => keptConnection(port));
  for (const head of await Promise.all(clients.map(async (client) => await client.get(path)))) {
    assert.ok(!saysClose(head), head);
  }
  return clients;
}

/** Asks again and again on one connection until the answer says that it closes; rejects when a request is lost. */
async function askUntilClosed(
  client: KeptConnection,
  path: string,
  thinkMs: number,
): Promise<readonly string[]> {
  const heads: string[] = [];
  for (;;) {
    const head = await client.get(path);
    heads.push(head);
    if (saysClose(head)) return heads;
    await sleep(thinkMs);
  }
}

suite("SIGTERM while connections are kept", () => {
  for (const thinkMs of [2, 400]) {
    test(`no request is lost at the HTTP door, ${thinkMs} ms apart`, async () => {
      const server = await startOstiary([
        "--policy=policies/book.yaml",
        "--http-address=127.0.0.1:0",
        "--http-form=direct",
      ]);
      const clients = await keptClients(doorPort(server, "http"), "/book");
      const asked = clients.map(async (client) => await askUntilClosed(client, "/book", thinkMs));
      await sleep(100);
      const stopped = server.stop();
      const answers = await Promise.all(asked);
      assert.ok(answers.every((heads) => heads.every((head) => head.startsWith("HTTP/1.1 403 "))));
      assert.equal(await stopped, 0);
    });
  }

  test("nor at the admin door, which says that it is not ready", async () => {
    const server = await startOstiary([
      "--policy=policies/book.yaml",
      "--http-address=127.0.0.1:0",
      "--http-form=direct",
    ]);
    // This one keeps the drain going.
    const idle = keptConnection(doorPort(server, "http"));
    await idle.get("/book");
    const clients = await keptClients(doorPort(server, "admin"), "/readyz");
    const asked = clients.map(async (client) => await askUntilClosed(client, "/readyz", 2));
    await sleep(100);
    const stopped = server.stop();
    for (const heads of await Promise.all(asked)) {
      assert.match(heads.at(-1) ?? "", /^HTTP\/1\.1 503 /);
    }
    assert.equal(await stopped, 0);
  });
});

suite("a drain", () => {
  test("answers what is open, and says then that the connection closes", async (t) => {
    const dispatcher = createFakeDispatcher((done) => {
      setTimeout(done, 150, allowed);
    });
    const door = await startHttpDoor(t, dispatcher);
    const client = keptConnection(door.port);
    const pending = client.get("/");
    await sleep(50);
    const closed = door.close(5_000);
    const head = await pending;
    assert.ok(saysClose(head), head);
    await closed;
  });

  test("answers on idle connections for a while, and then closes them", async (t) => {
    const door = await startHttpDoor(
      t,
      createFakeDispatcher((done) => {
        done(allowed);
      }),
    );
    const [used, unused, asking] = [0, 1, 2].map(() => keptConnection(door.port));
    assert.ok(used !== undefined && unused !== undefined && asking !== undefined);
    assert.ok(!saysClose(await used.get("/")));
    assert.ok(!saysClose(await asking.get("/")));
    t.mock.timers.enable({ apis: ["setTimeout"] });
    const closed = door.close(1_000);
    // The drain's timers are set in a turn of their own.
    await new Promise(setImmediate);
    t.mock.timers.tick(499);
    assert.ok(saysClose(await asking.get("/")));
    assert.ok(!used.socket.readableEnded && !unused.socket.readableEnded);
    t.mock.timers.tick(1);
    await closed;
    // For the end of the test: no grace period ends in time that stands still.
    t.mock.timers.reset();
  });

  test("takes no more connections, and cuts at its end what does not end", async (t) => {
    const door = await startHttpDoor(
      t,
      createFakeDispatcher(() => {}),
    );
    const client = keptConnection(door.port);
    const pending = client.get("/");
    await sleep(50);
    const closed = door.close(200);
    await sleep(20);
    await assert.rejects(keptConnection(door.port).get("/"), /ECONNREFUSED/);
    await assert.rejects(pending, /closed without an answer|ECONNRESET/);
    await closed;
  });
});
