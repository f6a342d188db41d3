import { request } from "node:http";
import { parseArgs } from "node:util";
import { readAddress } from "../config/address.ts";
import { UsageError } from "../config/usage-error.ts";
import type { Command, CommandContext } from "./command.ts";

const timeoutMs = 2_000;

/** `ostiary health`: asks a running server whether it is well, for container health checks. */
export const healthCommand: Command = {
  name: "health",
  summary: "ask a running server whether it is well",
  help: () =>
    [
      "Usage: ostiary health [--admin-address ADDR] [--path PATH]",
      "",
      "Asks a running server's admin door and says what it answers. Exit code 0 for 200, 1 for anything else.",
      "",
      "  --admin-address ADDR   where to ask (OSTIARY_ADMIN_ADDRESS) [127.0.0.1:8181]",
      "  --path PATH            what to ask: /health, /livez or /readyz [/health]",
    ].join("\n"),
  run: async (args, context) => {
    const { address, path } = readTarget(args, context);
    const answer = await ask(address, path);
    context.print(answer.text);
    return answer.status === 200 ? 0 : 1;
  },
};

function readTarget(
  args: readonly string[],
  context: CommandContext,
): { address: string; path: string } {
  const { values, positionals, tokens } = parseArgs({
    args: [...args],
    options: { "admin-address": { type: "string" }, path: { type: "string" } },
    strict: false,
    tokens: true,
  });
  const unknown = tokens.find(
    (token) => token.kind === "option" && !["admin-address", "path"].includes(token.name),
  );
  if (unknown?.kind === "option") throw new UsageError(`unknown option \`${unknown.rawName}\``);
  if (positionals.length > 0) throw new UsageError(`unexpected argument \`${positionals[0]}\``);
  const { env } = context;
  const named =
    values["admin-address"] ?? env["OSTIARY_ADMIN_ADDRESS"] ?? env["OSTIARY_HEALTHADDRESS"];
  const text = String(named ?? "127.0.0.1:8181");
  const address = readAddress(text);
  if (address === undefined) throw new UsageError(`\`${text}\` is not an address`);
  return { address, path: String(values["path"] ?? "/health") };
}

async function ask(address: string, path: string): Promise<{ status: number; text: string }> {
  return await new Promise((resolve) => {
    const sent = request({ ...target(address), path, timeout: timeoutMs }, (response) => {
      const chunks: Buffer[] = [];
      response.on("data", (chunk: Buffer) => chunks.push(chunk));
      response.on("end", () => {
        const text = Buffer.concat(chunks).toString("utf8").trim();
        resolve({ status: response.statusCode ?? 0, text: `${response.statusCode} ${text}` });
      });
    });
    sent.on("timeout", () => sent.destroy(new Error(`no answer within ${timeoutMs} ms`)));
    sent.on("error", (error) => {
      resolve({ status: 0, text: `no answer from ${address}: ${error.message}` });
    });
    sent.end();
  });
}

function target(address: string): { socketPath: string } | { host: string; port: number } {
  if (address.startsWith("unix://@")) return { socketPath: `\0${address.slice(8)}` };
  if (address.startsWith("unix://")) return { socketPath: address.slice(7) };
  const split = address.lastIndexOf(":");
  const host = address.slice(0, split).replace(/^\[|\]$/g, "");
  return {
    host: host === "" || host === "0.0.0.0" ? "127.0.0.1" : host,
    port: Number(address.slice(split + 1)),
  };
}
