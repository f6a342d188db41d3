import { startNodeArgs } from "../../../bench/load/start-node-args.ts";
import { type GrpcChild, startGrpcChild } from "../../support/grpc-child.ts";

/** Limits on counts and sizes as they are by default; those on time short enough for a test. */
const shortTimes = {
  prefaceTimeoutMs: 500,
  settingsTimeoutMs: 1_000,
  requestTimeoutMs: 2_000,
  stallTimeoutMs: 1_500,
};

/** Returns the lean transport in a process of its own, with short time limits. */
export async function startAttackServer(): Promise<GrpcChild> {
  const options = { limits: shortTimes, lifetime: { maxConnectionAgeGraceMs: 500 } };
  return await startGrpcChild("lean", options, "127.0.0.1:0", startNodeArgs());
}
