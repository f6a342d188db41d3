import type { CelFunction } from "../functions/define.ts";
import { type CelType, opaqueType } from "../types/type.ts";
import { formatFunctions } from "./format-functions.ts";
import { ipFunctions } from "./ip-functions.ts";
import { quantityFunctions } from "./quantity-functions.ts";
import { regexFunctions } from "./regex-functions.ts";
import { semverFunctions } from "./semver-functions.ts";
import { urlFunctions } from "./url-functions.ts";

/** The functions that Kubernetes adds to CEL (k8s.io/apiserver 0.35, `pkg/cel/library`), but for those of lists. */
export const kubernetesFunctions: readonly CelFunction[] = [
  ...ipFunctions,
  ...urlFunctions,
  ...regexFunctions,
  ...formatFunctions,
  ...quantityFunctions,
  ...semverFunctions,
];

const typeNames = [
  "net.IP",
  "net.CIDR",
  "kubernetes.URL",
  "kubernetes.NamedFormat",
  "kubernetes.Quantity",
  "kubernetes.Semver",
];

/** The types of these functions by their names. */
export const kubernetesTypes: ReadonlyMap<string, CelType> = new Map(
  typeNames.map((name) => [name, opaqueType(name)]),
);
