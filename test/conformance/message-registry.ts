import { createRegistry, type DescFile, type Registry } from "@bufbuild/protobuf";
import { file_envoy_service_auth_v3_external_auth } from "../../src/gen/envoy/service/auth/v3/external_auth_pb.ts";

/** The protobuf messages that values of the vectors are of, with all that their files import. */
export const messageRegistry: Registry = createRegistry(
  ...withImports(file_envoy_service_auth_v3_external_auth),
);

function withImports(file: DescFile): ReadonlySet<DescFile> {
  return new Set([file, ...file.dependencies.flatMap((imported) => [...withImports(imported)])]);
}
