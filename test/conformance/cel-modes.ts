import { createEnvoyMode } from "../../src/cel/envoy/envoy-mode.ts";
import type { ModeOfPolicies } from "../../src/cel/policy/mode.ts";
import type { CelMessage } from "../../src/cel/values/message.ts";
import { isJsonObject } from "../../src/model/json.ts";
import type { CelVector } from "./vector.ts";

const envoy = createEnvoyMode();

/** The modes that vectors run in, as the server has them. */
export const celModes: Readonly<Record<CelVector["mode"], ModeOfPolicies>> = {
  Envoy: envoy,
  HTTP: envoy,
};

/** Returns the request of a vector as its policies see it. */
export function objectOf(vector: CelVector): CelMessage {
  const { checkRequest = {}, mode } = vector;
  const { attributes } = checkRequest;
  return celModes[mode].createObject(isJsonObject(attributes) ? attributes : {}, undefined);
}
