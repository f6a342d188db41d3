// Adds the optional platform packages that were not to be had when the lockfile was written, by version only.
// `npm ci` (11.19) refuses a lockfile in which a package's optionalDependencies have no entry.
import { readFileSync, writeFileSync } from "node:fs";

const lock = JSON.parse(readFileSync("package-lock.json", "utf8"));
const { packages } = lock;
const OS = /(?<![a-z0-9])(android|darwin|freebsd|linux|openharmony|win32)(?![a-z0-9])/;
const CPU = [
  [/x64/, "x64"],
  [/arm64|aarch64/, "arm64"],
  [/ia32/, "ia32"],
  [/riscv64/, "riscv64"],
  [/ppc64/, "ppc64"],
  [/s390x/, "s390x"],
  [/arm/, "arm"],
];
const added = [];
for (const [path, entry] of Object.entries(packages)) {
  for (const [name, version] of Object.entries(entry.optionalDependencies ?? {})) {
    const at = `node_modules/${name}`;
    if (packages[at] || packages[`${path}/${at}`]) continue;
    const os = OS.exec(name)?.[1];
    const cpu = CPU.find(([re]) => re.test(name))?.[1];
    if (!os || !cpu) throw new Error(`cannot tell the platform of ${name}`);
    packages[at] = {
      version,
      cpu: [cpu],
      ...(entry.dev ? { dev: true } : {}),
      optional: true,
      os: [os],
    };
    if (/musl/.test(name)) packages[at].libc = ["musl"];
    added.push(`${name}@${version}`);
  }
}
lock.packages = Object.fromEntries(
  Object.entries(packages).sort(([a], [b]) => (a < b ? -1 : a > b ? 1 : 0)),
);
writeFileSync("package-lock.json", `${JSON.stringify(lock, null, 2)}\n`);
console.log(`added ${added.length}`);
