import { existsSync } from "node:fs";
import { fileURLToPath } from "node:url";
import { readConfig } from "../config/read-config.ts";
import type { Command } from "./command.ts";
import { serveHelp } from "./serve.ts";

const mountedFolder = "/policies";
const denyAllPolicy = fileURLToPath(new URL("../../policies/deny-all.yaml", import.meta.url));

/** `ostiary serve-mounted`: what the image runs. Serves what is mounted, or denies everything and says what to mount. */
export const serveMountedCommand: Command = {
  name: "serve-mounted",
  summary: `serve ${mountedFolder}, or deny everything until it is mounted`,
  help: () =>
    [
      `Serves the policies in ${mountedFolder}. Where there is no such folder every request is denied. Takes the options of \`serve\`.`,
      "",
      serveHelp("serve-mounted").replace("--policy PATH ", ""),
    ].join("\n"),
  run: async (args, context) => {
    const isMounted = existsSync(mountedFolder);
    const defaults = new Map([["policy", [isMounted ? mountedFolder : denyAllPolicy]]]);
    const config = readConfig({ args, env: context.env, defaults });
    return await context.serve(config, async (print) => {
      if (!config.policyPaths.includes(denyAllPolicy)) return;
      print("No policies are mounted, so every request is denied.");
      print(`Mount a folder with yours: docker run -v "$PWD/policies:${mountedFolder}:ro" IMAGE`);
    });
  },
};
