import { connect } from "node:net";
import type { TestContext } from "node:test";
import { defaultHttpLimits } from "../../src/model/http-limits.ts";
import { defaultNormalizeOptions } from "../../src/payload/normalize-options.ts";
import { createHttpDoor, type HttpDoorOptions } from "../../src/server/http/http-door.ts";
import { answerOptions } from "./answer-options.ts";
import type { FakeDispatcher } from "./fake-dispatcher.ts";
import { createFakeRecorder, type FakeRecorder } from "./fake-recorder.ts";

/** An HTTP door that listens. */
interface Door {
  readonly port: number;
  readonly recorder: FakeRecorder;
  /** The limits that were reached, each time. */
  readonly reached: readonly string[];
  close(graceMs: number): Promise<void>;
}

/** Starts an HTTP door over the dispatcher; bodies over 1,000 bytes are too large unless changed. */
export async function startHttpDoor(
  t: TestContext,
  dispatcher: FakeDispatcher,
  changes: Partial<HttpDoorOptions> = {},
): Promise<Door> {
  const recorder = createFakeRecorder();
  const reached: string[] = [];
  const door = createHttpDoor({
    dispatcher,
    observer: recorder,
    defaultDeadlineMs: 5_000,
    ...answerOptions,
    normalize: { ...defaultNormalizeOptions, maxBodyBytes: 1_000 },
    form: { form: "direct", pathPrefix: "", clientAddress: "none" },
    limits: defaultHttpLimits,
    onLimit: (limit) => {
      reached.push(limit);
    },
    ...changes,
  });
  const address = await door.listen("127.0.0.1:0");
  t.after(async () => {
    await door.close(0);
  });
  return {
    port: Number(address.slice(address.lastIndexOf(":") + 1)),
    recorder,
    reached,
    close: async (graceMs) => {
      await door.close(graceMs);
    },
  };
}

/** Returns everything the server writes to a connection that sends these bytes. */
export async function sendRaw(port: number, bytes: string | Buffer): Promise<string> {
  return await new Promise((resolve) => {
    const chunks: Buffer[] = [];
    const socket = connect(port, "127.0.0.1");
    socket.on("data", (chunk) => chunks.push(chunk));
    socket.on("error", () => {});
    socket.on("close", () => {
      resolve(Buffer.concat(chunks).toString("latin1"));
    });
    socket.write(bytes);
  });
}

/** Returns the head of the first answer to these bytes; the connection is then cut. */
export async function firstAnswer(port: number, bytes: string | Buffer): Promise<string> {
  return await new Promise((resolve, reject) => {
    let text = "";
    const socket = connect(port, "127.0.0.1");
    socket.setEncoding("latin1");
    socket.on("data", (chunk: string) => {
      text += chunk;
      if (!text.includes("\r\n\r\n")) return;
      socket.destroy();
      resolve(text);
    });
    socket.on("error", reject);
    socket.on("close", () => {
      reject(new Error(`closed after ${JSON.stringify(text)}`));
    });
    socket.write(bytes);
  });
}
