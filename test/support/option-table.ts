import type { OptionRow } from "../../src/config/option-row.ts";
import { optionRows } from "../../src/config/options.ts";

/** Returns the table of options in docs/running.md, as the option rows say it has to be. */
export function optionTable(): string {
  const groups = [...new Set(optionRows.map(({ group }) => group))];
  return groups
    .flatMap((group) => [
      `**${group}**`,
      "",
      "| option | default | |",
      "|---|---|---|",
      ...optionRows.filter((row) => row.group === group).map(tableRow),
      "",
    ])
    .join("\n");
}

function tableRow(row: OptionRow): string {
  const names = [row.name, ...(row.alias === undefined ? [] : [row.alias])];
  const choices = "choices" in row.type ? ` ${row.type.choices.map(code).join(", ")}.` : "";
  const fallback = row.fallback === undefined || row.fallback === "" ? "–" : code(row.fallback);
  const usage = names.map((name) => code(`--${name} ${row.placeholder}`.trimEnd())).join(", ");
  return `| ${usage} | ${fallback} | ${row.help}.${choices} |`;
}

function code(text: string): string {
  return `\`${text}\``;
}
