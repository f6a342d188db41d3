import { readFileSync } from "node:fs";

/** Returns what `npm start` gives Node: a server is measured as it is run. */
export function startNodeArgs(): readonly string[] {
  const { scripts }: { readonly scripts: { readonly start: string } } = JSON.parse(
    readFileSync(new URL("../../package.json", import.meta.url), "utf8"),
  );
  return scripts.start.split(" ").filter((word) => word.startsWith("--"));
}
