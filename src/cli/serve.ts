import type { OptionRow } from "../config/option-row.ts";
import { optionRows } from "../config/options.ts";
import { readConfig } from "../config/read-config.ts";
import type { Command } from "./command.ts";

/** `ostiary serve`: answers Envoy until it is told to stop. */
export const serveCommand: Command = {
  name: "serve",
  summary: "answer Envoy's checks by policies",
  help: () => serveHelp("serve"),
  run: async (args, context) => await context.serve(readConfig({ args, env: context.env })),
};

/** Returns the help text of a command that takes the server's options. */
export function serveHelp(command: string): string {
  const groups = [...new Set(optionRows.map(({ group }) => group))];
  return [
    `Usage: ostiary ${command} --policy PATH [OPTION...]`,
    "",
    "Every option is also an environment variable (`--max-queue` is OSTIARY_MAX_QUEUE) and a key of the file that",
    "--config names. The command line goes before the environment, the environment before the file.",
    ...groups.flatMap((group) => [
      "",
      `${group}:`,
      ...optionRows.filter((row) => row.group === group).map(helpLine),
    ]),
    "",
    "SIGHUP reads the policies again, SIGUSR2 confirms that policies are gone; SIGTERM and SIGINT drain and end.",
    "Exit codes: 0 done, 1 failed while running (port in use, policies with faults), 2 usage error, 143 and 130 ended by",
    "SIGTERM or SIGINT before it was ready.",
  ].join("\n");
}

function helpLine(row: OptionRow): string {
  const names = [row.name, ...(row.alias === undefined ? [] : [row.alias])];
  const usage = `  ${names.map((name) => `--${name}`).join(", ")} ${row.placeholder}`.trimEnd();
  const choices = "choices" in row.type ? `${row.type.choices.join(" | ")}: ` : "";
  const fallback = row.fallback === undefined || row.fallback === "" ? "" : ` [${row.fallback}]`;
  return `${usage.padEnd(40)} ${choices}${row.help}${fallback}`;
}
