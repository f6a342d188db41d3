// Plants small faults in rooms of src/, one at a time, and runs each room's own tests (test/ROOM) against them:
//
//   npm run test:mutation -- [--share=N] ROOM...        (all rooms that matter unless some are named)
//
// With --share=N in one of every N stretches of twelve lines only, so that a large room takes minutes, not hours; then
// faults that are larger than a stretch (a whole function's body left out) are not tried.
//
// A run that is interrupted with Ctrl-C, or repeated after a change, goes on where it was: what has been tried on the
// same code by the same tests is not tried again. Reports are in reports/mutation: ROOM.md for people, ROOM.json.
import { spawnSync } from "node:child_process";
import { existsSync, globSync, mkdirSync, readFileSync, writeFileSync } from "node:fs";
import { dirname, join } from "node:path";
import { fileURLToPath } from "node:url";
import { parseArgs } from "node:util";

const tool = dirname(fileURLToPath(import.meta.url));
const stryker = join(tool, "node_modules/@stryker-mutator/core/bin/stryker.js");
const reports = "reports/mutation";
const usualRooms = ["sources", "tokens", "server", "pool", "policy", "kyverno-json", "transport"];

const { values, positionals: wanted } = parseArgs({
  allowPositionals: true,
  options: { share: { type: "string", default: "1" } },
});
const share = Number(values.share);
if (!Number.isSafeInteger(share) || share < 1) {
  console.error(`--share is a whole number of 1 or more, not \`${values.share}\``);
  process.exit(2);
}
const rooms = wanted.length > 0 ? wanted : usualRooms;
for (const room of rooms) {
  if (testsOf(room).length > 0 && existsSync(`src/${room}`)) continue;
  console.error(`no room \`${room}\`: there has to be src/${room} with tests in test/${room}`);
  process.exit(2);
}
if (!existsSync(stryker)) run("npm", ["ci", "--ignore-scripts", "--no-audit", "--prefix", tool]);
mkdirSync(reports, { recursive: true });
for (const room of rooms) {
  const config = join(reports, `${room}.config.json`);
  writeFileSync(config, JSON.stringify(configOf(room), undefined, 2));
  run(process.execPath, [stryker, "run", config]);
  const summary = summarize(room, JSON.parse(readFileSync(`${reports}/${room}.json`, "utf8")));
  writeFileSync(`${reports}/${room}.md`, summary.text);
  console.log(`${room}: ${summary.score} noticed; survivors in ${reports}/${room}.md`);
}

function run(command, args) {
  const { status, signal } = spawnSync(command, args, { stdio: "inherit" });
  if (status !== 0) process.exit(signal === null ? (status ?? 1) : 1);
}

function testsOf(room) {
  return globSync(`test/${room}/**/*.test.ts`).toSorted();
}

/** Every `share`-th stretch of lines of the room's files, counted through all of them. */
function stretchesOf(room) {
  const lengthLines = 12;
  const stretches = globSync(`src/${room}/**/*.ts`)
    .toSorted()
    .flatMap((file) => {
      const lines = readFileSync(file, "utf8").split("\n").length;
      const starts = Array.from(
        { length: Math.ceil(lines / lengthLines) },
        (_, i) => i * lengthLines,
      );
      return starts.map((start) => `${file}:${start + 1}-${start + lengthLines}`);
    });
  return stretches.filter((_, i) => i % share === 0);
}

function configOf(room) {
  return {
    testRunner: "tap",
    plugins: [import.meta.resolve("@stryker-mutator/tap-runner")],
    mutate: share === 1 ? [`src/${room}/**/*.ts`] : stretchesOf(room),
    // Plain `node FILE`, once for each fault and each test file that reaches it; sources run by stripping their types.
    tap: { testFiles: testsOf(room), nodeArgs: ["--test-reporter=tap"], forceBail: false },
    coverageAnalysis: "perTest",
    concurrency: 2,
    // Above what a file of tests takes beside another one.
    timeoutMS: 30_000,
    reporters: ["progress-append-only", "json"],
    jsonReporter: { fileName: `${reports}/${room}.json` },
    incremental: true,
    incrementalFile: `${reports}/${room}.incremental.json`,
    symlinkNodeModules: true,
    ignorePatterns: ["bench/results", "dist", "reports"],
    tempDirName: "reports/mutation/sandboxes",
    // TypeScript 7 has no such API, and types are checked by nobody here.
    tsconfigFile: "none",
    checkers: [],
  };
}

/** The score by file and every fault that no test noticed, as Markdown. */
function summarize(room, { files }) {
  const rows = [];
  const survivors = [];
  let noticed = 0;
  let planted = 0;
  for (const [file, { mutants, source }] of Object.entries(files)) {
    const counted = mutants.filter(
      ({ status }) => !["Ignored", "CompileError", "RuntimeError"].includes(status),
    );
    const alive = counted.filter(({ status }) => ["Survived", "NoCoverage"].includes(status));
    planted += counted.length;
    noticed += counted.length - alive.length;
    rows.push(
      `| ${file} | ${counted.length} | ${percent(counted.length - alive.length, counted.length)} |`,
    );
    const lines = source.split("\n");
    for (const { location, mutatorName, replacement, status } of alive) {
      const { line, column } = location.start;
      const reached = status === "NoCoverage" ? ", reached by no test" : "";
      const original = lines[line - 1]?.trim() ?? "";
      survivors.push(
        `* ${file}:${line}:${column} ${mutatorName}${reached}: \`${original}\` with \`${flat(replacement)}\``,
      );
    }
  }
  const score = percent(noticed, planted);
  const text = [
    `# ${room}: ${score} of ${planted} faults noticed`,
    "",
    ...(share === 1 ? [] : [`In one of every ${share} stretches of twelve lines.`, ""]),
    "| file | faults | noticed |",
    "|---|---|---|",
    ...rows,
    "",
    ...survivors,
    "",
  ].join("\n");
  return { score, text };
}

function percent(part, whole) {
  return whole === 0 ? "–" : `${((100 * part) / whole).toFixed(1)} %`;
}

function flat(text = "") {
  return text.replaceAll(/\s+/g, " ").slice(0, 120);
}
