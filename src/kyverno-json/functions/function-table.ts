import { coreFunctions } from "../../jmespath/functions/core-functions.ts";
import {
  createFunctionTable,
  type FunctionRow,
  type FunctionTable,
} from "../../jmespath/functions/function-table.ts";
import { arithmeticFunctions } from "./arithmetic-functions.ts";
import { certificateFunctions } from "./certificate-functions.ts";
import { collectionFunctions } from "./collection-functions.ts";
import { conversionFunctions } from "./conversion-functions.ts";
import type { FunctionEnvironment } from "./environment.ts";
import { createMatchingFunctions } from "./matching-functions.ts";
import { createRandomFunctions } from "./random-functions.ts";
import { stringFunctions } from "./string-functions.ts";
import { createTimeFunctions } from "./time-functions.ts";
import { stringArgument } from "./typed-argument.ts";
import { urlFunctions } from "./url-functions.ts";

/**
 * Returns all 90 functions a policy may call (docs/policy-language.md, Functions): the language's own, then kyverno-json's,
 * Kyverno's, ours and `jwt_decode`, of which those with the same name replace the language's. Each table keeps the regular
 * expressions it has met.
 */
export function createPolicyFunctions(environment: FunctionEnvironment): FunctionTable {
  return createFunctionTable([
    ...coreFunctions,
    ...stringFunctions,
    ...collectionFunctions,
    ...conversionFunctions,
    ...urlFunctions,
    ...createMatchingFunctions(),
    ...arithmeticFunctions,
    ...createTimeFunctions(environment.nowMs),
    ...certificateFunctions,
    ...createRandomFunctions(environment.random),
    tokenFunction(environment),
  ]);
}

function tokenFunction(environment: FunctionEnvironment): FunctionRow {
  return {
    name: "jwt_decode",
    // Of a token that is new; one that is known costs its digest.
    bytesPerCharacter: 64,
    dependsOnTime: true,
    parameters: [{ types: ["string"] }, { types: ["string"] }],
    body: ([token, secret]) =>
      environment.decoderFor(stringArgument(secret))(stringArgument(token)),
    prepare: ([, secret]) => {
      if (typeof secret !== "string") return undefined;
      const decode = environment.decoderFor(secret);
      return { body: ([token]) => decode(stringArgument(token)) };
    },
  };
}
