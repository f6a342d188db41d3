import { Health } from "../../gen/grpc/health/v1/health_pb.ts";
import { ServerReflection } from "../../gen/grpc/reflection/v1/reflection_pb.ts";
import type { StreamingHandler } from "../../transport/grpc-transport.ts";
import { createHealthWatch, type HealthWatchOptions } from "./health-service.ts";
import { createReflection } from "./reflection-service.ts";

/** Returns the handlers of `Health/Watch` and of server reflection by path, for a transport that can stream. */
export function createStreamingHandlers(
  options: HealthWatchOptions,
): ReadonlyMap<string, StreamingHandler> {
  const reflection = createReflection();
  const reflectionMethod = ServerReflection.method.serverReflectionInfo.name;
  return new Map([
    [`/${Health.typeName}/${Health.method.watch.name}`, createHealthWatch(options)],
    [`/${ServerReflection.typeName}/${reflectionMethod}`, reflection],
    // The version before: the same messages by other names, and what most clients still ask first.
    [`/grpc.reflection.v1alpha.ServerReflection/${reflectionMethod}`, reflection],
  ]);
}
