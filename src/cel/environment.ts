import { conversions } from "./functions/conversions.ts";
import type { CelFunction } from "./functions/define.ts";
import { encoders } from "./functions/encoders.ts";
import { formatFunction } from "./functions/format.ts";
import { kubernetesLists, listFunctions } from "./functions/lists.ts";
import { mathFunctions } from "./functions/math.ts";
import { operators } from "./functions/operators.ts";
import { optionals } from "./functions/optionals.ts";
import { setFunctions } from "./functions/sets.ts";
import { stringFunctions } from "./functions/strings.ts";
import { listSums } from "./functions/sum-lists.ts";
import { timeFunctions } from "./functions/times.ts";
import { kubernetesFunctions, kubernetesTypes } from "./kubernetes/kubernetes-library.ts";
import type { MessageTypes } from "./messages/message-types.ts";
import type { CheckEnvironment, NamedConstant } from "./types/declarations.ts";
import {
  anyType,
  boolType,
  bytesType,
  type CelType,
  doubleType,
  durationType,
  dynType,
  intType,
  listType,
  mapType,
  messageType,
  nullType,
  optionalType,
  stringType,
  timestampType,
  typeType,
  uintType,
  wrapperType,
} from "./types/type.ts";

/** All that expressions of one mode may use. */
export interface CelEnvironment {
  readonly check: CheckEnvironment<CelFunction>;
  readonly messages: MessageTypes;
}

/** The parts of an environment besides the language's own. */
export interface EnvironmentParts {
  readonly variables: ReadonlyMap<string, CelType>;
  readonly functions: readonly CelFunction[];
  readonly messages: MessageTypes;
  /** Names of types that are no messages, as `net.IP`. */
  readonly types: ReadonlyMap<string, CelType>;
  /** Texts that have a qualified name, as `mcp.PingMethod`. */
  readonly constants?: ReadonlyMap<string, string>;
}

/** Types that the language names itself. */
const namedTypes: ReadonlyMap<string, CelType> = new Map([
  ["bool", boolType],
  ["int", intType],
  ["uint", uintType],
  ["double", doubleType],
  ["string", stringType],
  ["bytes", bytesType],
  ["null_type", nullType],
  ["list", listType(dynType)],
  ["map", mapType(dynType, dynType)],
  ["type", typeType(dynType)],
  ["optional_type", optionalType(dynType)],
  ["google.protobuf.Timestamp", timestampType],
  ["google.protobuf.Duration", durationType],
  ["google.protobuf.Any", anyType],
  ["google.protobuf.Struct", mapType(stringType, dynType)],
  ["google.protobuf.ListValue", listType(dynType)],
  ["google.protobuf.Value", dynType],
  ["google.protobuf.BoolValue", wrapperType(boolType)],
  ["google.protobuf.BytesValue", wrapperType(bytesType)],
  ["google.protobuf.DoubleValue", wrapperType(doubleType)],
  ["google.protobuf.FloatValue", wrapperType(doubleType)],
  ["google.protobuf.Int32Value", wrapperType(intType)],
  ["google.protobuf.Int64Value", wrapperType(intType)],
  ["google.protobuf.StringValue", wrapperType(stringType)],
  ["google.protobuf.UInt32Value", wrapperType(uintType)],
  ["google.protobuf.UInt64Value", wrapperType(uintType)],
]);

/** The functions of the language, its standard library, and extensions that every mode has. */
const standard: readonly CelFunction[] = [
  ...operators,
  ...conversions,
  ...optionals,
  ...stringFunctions,
  ...timeFunctions,
  ...listFunctions,
  ...mathFunctions,
  ...setFunctions,
  ...encoders,
  ...kubernetesLists,
  ...listSums,
  formatFunction,
  ...kubernetesFunctions,
];

/** Returns the environment of these variables, functions and types beside the language's own. */
export function createEnvironment(parts: EnvironmentParts): CelEnvironment {
  const functions = new Map<string, CelFunction[]>();
  for (const overload of [...standard, ...parts.functions]) {
    const known = functions.get(overload.name);
    if (known === undefined) functions.set(overload.name, [overload]);
    else known.push(overload);
  }
  const { messages, variables } = parts;
  const constant = (name: string): NamedConstant | undefined => {
    const shape = messages.shape(name);
    const type =
      namedTypes.get(name) ??
      kubernetesTypes.get(name) ??
      parts.types.get(name) ??
      (shape === undefined ? undefined : messageType(name));
    if (type !== undefined) return { type: typeType(type), value: { kind: "type", type } };
    const text = parts.constants?.get(name);
    if (text !== undefined) return { type: stringType, value: { kind: "string", value: text } };
    const value = messages.enumValue(name);
    return value === undefined ? undefined : { type: intType, value: { kind: "int", value } };
  };
  return {
    messages,
    check: {
      variable: (name) => variables.get(name),
      constant,
      overloads: (name) => functions.get(name),
      field: (message, field) => messages.shape(message)?.field(field),
      names: () => [...variables.keys(), ...functions.keys()],
    },
  };
}
