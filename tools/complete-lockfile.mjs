// Adds to package-lock.json the optional platform packages that were not to be had when it was written, by version
// only: npm ci refuses a lockfile in which a package's optional dependencies have no entry. With --check it changes
// nothing and exits 1 if any is missing.
import { readFileSync, writeFileSync } from "node:fs";

const systems = /(?<![a-z0-9])(android|darwin|freebsd|linux|openharmony|win32)(?![a-z0-9])/;
const processors = [
  [/x64/, "x64"],
  [/arm64|aarch64/, "arm64"],
  [/ia32/, "ia32"],
  [/riscv64/, "riscv64"],
  [/ppc64/, "ppc64"],
  [/s390x/, "s390x"],
  [/arm/, "arm"],
];

const lock = JSON.parse(readFileSync("package-lock.json", "utf8"));
const missing = Object.entries(lock.packages).flatMap(([path, entry]) =>
  Object.entries(entry.optionalDependencies ?? {})
    .filter(([name]) => !(`node_modules/${name}` in lock.packages))
    .filter(([name]) => !(`${path}/node_modules/${name}` in lock.packages))
    .map(([name, version]) => ({ name, version, dev: entry.dev === true })),
);

if (process.argv.includes("--check")) {
  for (const { name } of missing)
    console.error(`package-lock.json lacks ${name}: run npm run lockfile`);
  process.exitCode = missing.length === 0 ? 0 : 1;
} else {
  for (const { name, version, dev } of missing) {
    lock.packages[`node_modules/${name}`] = platformEntry(name, version, dev);
  }
  lock.packages = Object.fromEntries(
    Object.entries(lock.packages).sort(([a], [b]) => (a < b ? -1 : 1)),
  );
  writeFileSync("package-lock.json", `${JSON.stringify(lock, null, 2)}\n`);
  console.log(`added ${missing.length}`);
}

function platformEntry(name, version, dev) {
  const os = systems.exec(name)?.[1];
  const cpu = processors.find(([pattern]) => pattern.test(name))?.[1];
  if (os === undefined || cpu === undefined) throw new Error(`cannot tell the platform of ${name}`);
  return {
    version,
    cpu: [cpu],
    ...(dev ? { dev: true } : {}),
    ...(name.includes("musl") ? { libc: ["musl"] } : {}),
    optional: true,
    os: [os],
  };
}
