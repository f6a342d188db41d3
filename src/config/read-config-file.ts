import { readFileSync } from "node:fs";
import { parseDocument } from "yaml";
import { isRepeatable } from "./option-row.ts";
import { findOption, type RawOptions } from "./parse-arguments.ts";
import { UsageError } from "./usage-error.ts";

/**
 * Returns the options of a configuration file: a YAML map from option names to scalars, or to a list where an option repeats.
 *
 * @throws UsageError when the file cannot be read, is no map, or has an unknown or repeated key
 */
export function readConfigFile(path: string): RawOptions {
  const raw = new Map<string, readonly string[]>();
  for (const [key, value] of Object.entries(readMap(path))) {
    const row = findOption(key);
    if (row === undefined || row.name === "config") {
      throw new UsageError(`${path}: unknown option \`${key}\``);
    }
    if (raw.has(row.name)) throw new UsageError(`${path}: option \`${row.name}\` is given twice`);
    const values = [value].flat().map((item) => scalarText(path, key, item));
    if (Array.isArray(value) && (!isRepeatable(row.type) || values.length === 0)) {
      const wanted = isRepeatable(row.type) ? "name at least one" : "be one text or number";
      throw new UsageError(`${path}: option \`${key}\` must ${wanted}`);
    }
    raw.set(row.name, values);
  }
  return raw;
}

function readMap(path: string): Record<string, unknown> {
  const document = parseDocument(readText(path));
  const fault = document.errors[0];
  if (fault !== undefined) throw new UsageError(`${path}: ${fault.message.split("\n")[0]}`);
  const value: unknown = document.toJS({ maxAliasCount: 100 });
  if (value === null) return {};
  if (typeof value !== "object" || Array.isArray(value)) {
    throw new UsageError(`${path}: must be a map from option names to values`);
  }
  return Object.fromEntries(Object.entries(value));
}

function readText(path: string): string {
  try {
    return readFileSync(path, "utf8");
  } catch (error) {
    const code = error instanceof Error && "code" in error ? String(error.code) : "unreadable";
    throw new UsageError(`cannot read the configuration file \`${path}\` (${code})`);
  }
}

function scalarText(path: string, key: string, value: unknown): string {
  if (["string", "number", "boolean"].includes(typeof value)) return String(value);
  throw new UsageError(`${path}: option \`${key}\` must be a text, a number or a boolean`);
}
