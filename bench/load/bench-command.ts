import { mkdir, writeFile } from "node:fs/promises";
import { dirname, join } from "node:path";
import { UsageError } from "../../src/config/usage-error.ts";

/**
 * Resolves with the exit code of a command: what `run` resolves with, 2 when it is used wrongly and 1 when it fails,
 * which is said on the standard error under the command's name.
 */
export async function runCommand(name: string, run: () => Promise<number>): Promise<number> {
  try {
    return await run();
  } catch (error) {
    printError(`${name}: ${error instanceof Error ? error.message : String(error)}`);
    return error instanceof UsageError ? 2 : 1;
  }
}

/** Writes numbers as JSON to the path, by default one in `bench/results/` named after the time, and says where. */
export async function writeNumbers(
  numbers: object,
  { path, prefix = "" }: { readonly path: string | undefined; readonly prefix?: string },
): Promise<void> {
  const time = new Date().toISOString().replaceAll(/[:.]/g, "-");
  const text = `${JSON.stringify(numbers, undefined, 2)}\n`;
  await writeReport("numbers", path ?? join("bench", "results", `${prefix}${time}.json`), text);
}

/** Writes a text, into a folder that is made if need be, and says where. */
export async function writeReport(name: string, path: string, text: string): Promise<void> {
  await mkdir(dirname(path), { recursive: true });
  await writeFile(path, text);
  print(`${name}: ${path}`);
}

/** Writes a line on the standard output. */
export function print(line: string): void {
  process.stdout.write(`${line}\n`);
}

/** Writes a line on the standard error. */
export function printError(line: string): void {
  process.stderr.write(`${line}\n`);
}
