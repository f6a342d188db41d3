// Exits 1 when src/gen is not what `proto/` generates, or when the lockfile lacks a platform's packages.
import { execFileSync } from "node:child_process";
import { mkdtempSync, readdirSync, readFileSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";

const folder = mkdtempSync(join(tmpdir(), "ostiary-gen-"));
const faults = [];
try {
  execFileSync("buf", ["lint"], { stdio: "inherit" });
  execFileSync("buf", ["generate", "--output", folder], { stdio: "inherit" });
  const fresh = readTree(join(folder, "src/gen"));
  const committed = readTree("src/gen");
  for (const path of new Set([...fresh.keys(), ...committed.keys()])) {
    if (fresh.get(path) !== committed.get(path))
      faults.push(`src/gen/${path} is not fresh: run npm run generate`);
  }
  execFileSync("node", ["tools/complete-lockfile.mjs", "--check"], { stdio: "inherit" });
} finally {
  rmSync(folder, { recursive: true });
}
for (const fault of faults) console.error(fault);
process.exitCode = faults.length === 0 ? 0 : 1;

function readTree(root) {
  const names = readdirSync(root, { recursive: true }).filter((name) => name.endsWith(".ts"));
  return new Map(names.map((name) => [name, readFileSync(join(root, name), "utf8")]));
}
