import { parseArgs } from "node:util";
import { createEngine } from "./engine.ts";
import { defaultPaths, findVectorFiles } from "./find-vectors.ts";
import { runVectorFile } from "./run-vectors.ts";
import { type Finding, formatFinding, formatTally, isPassed, isTextFault } from "./tally.ts";

const usage = `usage: npm run test:conformance -- [--texts] [--verbose] [PATH…]

Runs golden vectors of the Go engine against this one. A PATH is a .jsonl or .jsonl.gz file or a folder of such files;
without one those of test/conformance run, and those of ../shared/conformance where that folder is.

  --texts    show where only a text differs, too
  --verbose  show every failure, and all of it
  --help     show this

Exit codes: 0 everything passed, 1 something failed, 2 usage error.`;

const shownFailures = 20;
const shownCharacters = 300;

async function main(args: readonly string[]): Promise<number> {
  const options = readOptions(args);
  if (typeof options === "string") return refuse(options);
  if (options.help) {
    console.log(usage);
    return 0;
  }
  const files: string[] = [];
  for (const path of options.paths) {
    const found = findVectorFiles(path);
    if (found === undefined) return refuse(`there is nothing at \`${path}\``);
    if (found.length === 0) return refuse(`there is no .jsonl or .jsonl.gz file in \`${path}\``);
    files.push(...found);
  }
  const engine = createEngine();
  const findings: Finding[] = [];
  for (const file of files) findings.push(...(await runVectorFile(file, engine)));
  const failures = findings.filter((finding) => !isPassed(finding));
  show("failed", failures, options.verbose);
  if (options.texts) show("different texts", findings.filter(isTextFault), options.verbose);
  for (const line of formatTally(findings)) console.log(line);
  return failures.length === 0 ? 0 : 1;
}

interface Options {
  readonly paths: readonly string[];
  readonly help: boolean;
  readonly texts: boolean;
  readonly verbose: boolean;
}

/** What the arguments ask for, or what is wrong with them. */
function readOptions(args: readonly string[]): Options | string {
  try {
    const { values, positionals } = parseArgs({
      args: [...args],
      allowPositionals: true,
      options: {
        help: { type: "boolean", default: false },
        texts: { type: "boolean", default: false },
        verbose: { type: "boolean", default: false },
      },
    });
    return { ...values, paths: positionals.length > 0 ? positionals : defaultPaths() };
  } catch (error) {
    return error instanceof Error ? error.message : String(error);
  }
}

function refuse(message: string): number {
  console.error(`${message}; --help says how to use this`);
  return 2;
}

function show(heading: string, findings: readonly Finding[], verbose: boolean): void {
  if (findings.length === 0) return;
  console.log(`${heading}:`);
  const shown = verbose ? findings : findings.slice(0, shownFailures);
  for (const finding of shown) {
    const maxLength = verbose ? Number.POSITIVE_INFINITY : shownCharacters;
    for (const line of formatFinding(finding, maxLength)) console.log(line);
  }
  if (shown.length < findings.length) {
    console.log(`… and ${findings.length - shown.length} more; --verbose shows all`);
  }
  console.log("");
}

process.exitCode = await main(process.argv.slice(2));
