import { readFileSync } from "node:fs";
import { UsageError } from "../config/usage-error.ts";
import { parseOwnJson } from "../json/parse-json.ts";
import type { Command, CommandContext } from "./command.ts";
import { demoCommand } from "./demo.ts";
import { healthCommand } from "./health.ts";
import { serveCommand } from "./serve.ts";
import { serveMountedCommand } from "./serve-mounted.ts";
import { validateCommand } from "./validate.ts";

const commands: readonly Command[] = [
  serveCommand,
  serveMountedCommand,
  demoCommand,
  validateCommand,
  healthCommand,
];

/** Returns the exit code after running the command that the arguments name: 0 done, 1 failed while running, 2 usage error. */
export async function runCommand(
  argv: readonly string[],
  context: CommandContext,
): Promise<number> {
  const [name, ...args] = argv;
  if (name === undefined || isHelp(name) || name === "help") {
    const [topic] = args;
    const command = findCommand(topic);
    if (name === "help" && topic !== undefined && command === undefined && !isHelp(topic)) {
      return refuseUnknown(topic, context);
    }
    context.print(command === undefined ? overview() : command.help());
    return name === undefined ? 2 : 0;
  }
  if (name === "--version" || name === "version") {
    context.print(`ostiary ${packageVersion()}`);
    return 0;
  }
  const command = findCommand(name);
  if (command === undefined) return refuseUnknown(name, context);
  if (args.some(isHelp)) {
    context.print(command.help());
    return 0;
  }
  return await runReporting(command, args, context);
}

async function runReporting(
  command: Command,
  args: readonly string[],
  context: CommandContext,
): Promise<number> {
  try {
    return await command.run(args, context);
  } catch (error) {
    if (!(error instanceof UsageError)) throw error;
    context.printError(
      `ostiary ${command.name}: ${error.message}; see \`ostiary ${command.name} --help\``,
    );
    return 2;
  }
}

function refuseUnknown(name: string, context: CommandContext): number {
  context.printError(`ostiary: unknown command \`${name}\`; see \`ostiary --help\``);
  return 2;
}

function findCommand(name: string | undefined): Command | undefined {
  return commands.find((command) => command.name === name);
}

function isHelp(argument: string): boolean {
  return argument === "--help" || argument === "-h";
}

function overview(): string {
  const rows = commands.map(({ name, summary }) => `  ${name.padEnd(15)}${summary}`);
  return [
    "ostiary - external authorization for Envoy by Kyverno policies",
    "",
    "Usage: ostiary COMMAND [OPTION...]",
    "",
    "Commands:",
    ...rows,
    `  ${"help".padEnd(15)}the help of a command: ostiary help serve`,
    `  ${"version".padEnd(15)}the version`,
  ].join("\n");
}

/** The version in the package's own description. */
function packageVersion(): string {
  const text = readFileSync(new URL("../../package.json", import.meta.url), "utf8");
  const description: { version?: string } = parseOwnJson(text);
  return description.version ?? "unknown";
}
