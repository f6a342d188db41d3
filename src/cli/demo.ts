import { fileURLToPath } from "node:url";
import type { Config } from "../config/config.ts";
import { readConfig } from "../config/read-config.ts";
import type { Command, CommandContext } from "./command.ts";
import { serveHelp } from "./serve.ts";

const bookPolicy = fileURLToPath(new URL("../../policies/book.yaml", import.meta.url));

/** The key that the sample policy verifies with. */
const bookKey = new TextEncoder().encode("secret");

/** `ostiary demo`: serves the sample policy with the HTTP door open, and says what to try. */
export const demoCommand: Command = {
  name: "demo",
  summary: "serve the sample policy and say what to try",
  help: () =>
    [
      "Serves policies/book.yaml with the HTTP door on :9001 (--http-form direct) and prints requests to try. Takes the options of `serve`.",
      "",
      serveHelp("demo").replace("--policy PATH ", ""),
    ].join("\n"),
  run: async (args, context) => {
    const defaults = new Map([
      ["policy", [bookPolicy]],
      ["http-address", [":9001"]],
      ["http-form", ["direct"]],
    ]);
    const config = readConfig({ args, env: context.env, defaults });
    return await context.serve(config, async (print) => {
      await printExamples(config, print);
    });
  },
};

async function printExamples(config: Config, print: CommandContext["print"]): Promise<void> {
  const port = /:(\d+)$/.exec(config.http?.address ?? "")?.[1];
  // What is printed asks by the request itself.
  if (port === undefined || config.http?.form !== "direct") return;
  const curl = async (role: string): Promise<string> =>
    `  curl -i -X POST -H 'Authorization: Bearer ${await mintToken(role)}' http://127.0.0.1:${port}/book`;
  print("");
  print("Try it. An admin may POST /book (200):");
  print(await curl("admin"));
  print("A guest may not (403, with the reason):");
  print(await curl("guest"));
  print("");
  print(
    `The policy is ${config.policyPaths.join(", ")}; everybody knows its key. Ctrl-C ends the server.`,
  );
}

async function mintToken(role: string): Promise<string> {
  // Here only, and after the server is ready: loading it takes longer than minting.
  const { SignJWT } = await import("jose");
  return await new SignJWT({ role, sub: `demo-${role}` })
    .setProtectedHeader({ alg: "HS256", typ: "JWT" })
    .setExpirationTime("30 days")
    .sign(bookKey);
}
