// Packs the package, installs it into an empty folder as a user would, and runs `ostiary serve` from it on each Node
// that is named on the command line (paths), or on the one this script runs on. Exits 1 on the first that fails.
import { execFileSync, spawn } from "node:child_process";
import { mkdtempSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";

const nodes = process.argv.length > 2 ? process.argv.slice(2) : [process.execPath];
const folder = mkdtempSync(join(tmpdir(), "ostiary-package-"));
try {
  const packed = execFileSync("npm", ["pack", "--silent", "--pack-destination", folder], {
    encoding: "utf8",
  });
  writeFileSync(join(folder, "package.json"), '{"private":true}');
  const tarball = join(folder, packed.trim().split("\n").at(-1));
  execFileSync("npm", ["install", "--silent", "--omit=dev", tarball], {
    cwd: folder,
    stdio: "inherit",
  });
  for (const node of nodes) await check(node);
} finally {
  rmSync(folder, { recursive: true });
}

async function check(node) {
  const version = execFileSync(node, ["--version"], { encoding: "utf8" }).trim();
  const program = join(folder, "node_modules/.bin/ostiary");
  const policy = join(folder, "node_modules/ostiary/policies/book.yaml");
  const doors = [
    "--address=127.0.0.1:0",
    "--admin-address=127.0.0.1:0",
    "--http-address=127.0.0.1:0",
    "--http-form=direct",
  ];
  const server = spawn(node, [program, "serve", `--policy=${policy}`, ...doors]);
  try {
    const port = await readHttpPort(server);
    const { status } = await fetch(`http://127.0.0.1:${port}/book`);
    if (status !== 403) throw new Error(`a request without a token was answered ${status}`);
    console.log(`the package serves on Node ${version}`);
  } finally {
    server.kill();
  }
}

async function readHttpPort(server) {
  let output = "";
  for (const stream of [server.stdout, server.stderr])
    stream.on("data", (chunk) => (output += chunk));
  for (let i = 0; i < 200; i++) {
    const port = /^listening: http on \S+:(\d+)$/m.exec(output)?.[1];
    if (port !== undefined && /^ready/m.test(output)) return port;
    await new Promise((resolve) => setTimeout(resolve, 50));
  }
  throw new Error(`the server did not become ready:\n${output}`);
}
