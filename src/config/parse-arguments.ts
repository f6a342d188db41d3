import { parseArgs } from "node:util";
import { isRepeatable, type OptionRow } from "./option-row.ts";
import { optionRows } from "./options.ts";
import { UsageError } from "./usage-error.ts";

/** Texts by option name; a list option has one entry for each time it was given. */
export type RawOptions = ReadonlyMap<string, readonly string[]>;

/**
 * Returns the options on the command line by their main names; `--name value` and `--name=value` are the same.
 *
 * @param bareOption the option that an argument without a name is a value of; without it such arguments are refused
 * @throws UsageError for an unknown option, a missing value, an option given twice, or an argument that is none
 */
export function parseArguments(args: readonly string[], bareOption?: string): RawOptions {
  const { tokens } = parseArgs({
    args: [...args],
    options: declaredOptions(),
    strict: false,
    tokens: true,
  });
  const raw = new Map<string, string[]>();
  for (const token of tokens) {
    if (token.kind === "option") addOption(raw, token.rawName, token.value);
    if (token.kind !== "positional") continue;
    if (bareOption === undefined) throw new UsageError(`unexpected argument \`${token.value}\``);
    addOption(raw, `--${bareOption}`, token.value);
  }
  return raw;
}

function addOption(raw: Map<string, string[]>, rawName: string, value: string | undefined): void {
  const row = rawName.startsWith("--") ? findOption(rawName.slice(2)) : undefined;
  if (row === undefined) {
    throw new UsageError(`unknown option \`${rawName}\`${suggestion(rawName)}`);
  }
  const text = value ?? (row.type.kind === "flag" ? "true" : undefined);
  if (text === undefined) throw new UsageError(`option \`${rawName}\` needs a value`);
  const values = raw.get(row.name) ?? [];
  if (values.length > 0 && !isRepeatable(row.type)) {
    throw new UsageError(`option \`${rawName}\` is given twice`);
  }
  raw.set(row.name, [...values, text]);
}

/** Returns the option of that name or alias (without dashes), or undefined. */
export function findOption(name: string): OptionRow | undefined {
  return optionRows.find((row) => row.name === name || row.alias === name);
}

function declaredOptions(): Record<string, { type: "string" | "boolean"; multiple: true }> {
  return Object.fromEntries(
    optionRows.flatMap(({ name, alias, type }) => {
      const declared = {
        type: type.kind === "flag" ? "boolean" : "string",
        multiple: true,
      } as const;
      return [name, ...(alias === undefined ? [] : [alias])].map((each) => [each, declared]);
    }),
  );
}

/** A hint at the option whose name is nearest, or an empty text when none is near. */
function suggestion(rawName: string): string {
  const name = nearestOption(rawName.replace(/^-+/, ""));
  return name === undefined ? "" : `; did you mean \`--${name}\`?`;
}

/** Returns the option whose name is nearest to a mistyped one; undefined when none is near. */
export function nearestOption(wanted: string): string | undefined {
  let best: { name: string; distance: number } | undefined;
  for (const { name } of optionRows) {
    const distance = editDistance(wanted.slice(0, 40), name);
    if (distance <= 3 && distance < (best?.distance ?? Infinity)) best = { name, distance };
  }
  return best?.name;
}

function editDistance(a: string, b: string): number {
  let row = Array.from({ length: b.length + 1 }, (_, i) => i);
  for (let i = 1; i <= a.length; i++) {
    const next = [i];
    for (let j = 1; j <= b.length; j++) {
      const change = (row[j - 1] ?? 0) + (a[i - 1] === b[j - 1] ? 0 : 1);
      next.push(Math.min(change, (row[j] ?? 0) + 1, (next[j - 1] ?? 0) + 1));
    }
    row = next;
  }
  return row[b.length] ?? 0;
}
