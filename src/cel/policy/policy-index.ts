import { isJsonObject, type JsonObject, type JsonValue, ownValue } from "../../model/json.ts";
import type { Checked } from "../check/checked.ts";
import type { CelNode } from "../syntax/ast.ts";
import type { CompiledCelPolicy } from "./cel-policy.ts";

/** Fields of a request that policies are told apart by. */
const fields = ["path", "host", "method"] as const;

type Field = (typeof fields)[number];

/** A test that a policy begins with: where the field has another value, the policy has nothing to say, and no error. */
export interface Selector {
  readonly field: Field;
  readonly values: readonly string[];
}

/**
 * Returns the selector of a policy's first condition, if it has one: `object.attributes.request.http.path == "/a"`, `in` a list of
 * texts, or either of them among the operands of `&&`, which a false one decides whatever the others come to.
 */
export function findSelector(condition: CelNode, checked: Checked): Selector | undefined {
  const operands =
    condition.kind === "logical" && condition.operator === "&&" ? condition.operands : [condition];
  const found = operands.flatMap((operand) => selectorsOf(operand, checked));
  // A path tells more policies apart than a method does.
  return found.toSorted((a, b) => fields.indexOf(a.field) - fields.indexOf(b.field))[0];
}

function selectorsOf(node: CelNode, checked: Checked): readonly Selector[] {
  if (node.kind !== "call") return [];
  const [left, right] = node.target === undefined ? node.args : [node.target, ...node.args];
  if (left === undefined || right === undefined) return [];
  if (node.name === "_==_") return [...pair(left, right, checked), ...pair(right, left, checked)];
  if (node.name !== "@in" || right.kind !== "list") return [];
  const values = right.elements.map(({ value }) => textOf(value));
  const field = fieldOf(left, checked);
  const isWritten = values.every((value) => value !== undefined);
  return field !== undefined && isWritten ? [{ field, values }] : [];
}

function pair(subject: CelNode, literal: CelNode, checked: Checked): readonly Selector[] {
  const field = fieldOf(subject, checked);
  const value = textOf(literal);
  return field === undefined || value === undefined ? [] : [{ field, values: [value] }];
}

function textOf(node: CelNode): string | undefined {
  return node.kind === "literal" && typeof node.value === "string" ? node.value : undefined;
}

const way = ["http", "request", "attributes"];

/** Returns the field that a node reads of the request, or undefined when it reads anything else. */
function fieldOf(node: CelNode, { references }: Checked): Field | undefined {
  if (node.kind !== "select" || node.isTest || node.isOptional) return undefined;
  let inner: CelNode = node.operand;
  for (const name of way) {
    if (inner.kind !== "select" || inner.isTest || inner.isOptional || inner.field !== name) {
      return undefined;
    }
    inner = inner.operand;
  }
  const reference = inner.kind === "identifier" ? references.get(inner) : undefined;
  if (reference?.kind !== "variable" || reference.name !== "object") return undefined;
  return fields.find((field) => field === node.field);
}

/** Chooses the policies that may have something to say of a payload, in their order. */
export type PolicyIndex = (payload: JsonValue) => readonly CompiledCelPolicy[];

/** Policies without a selector, and those of each field by the values that they are for; all by their places. */
interface Buckets {
  readonly always: readonly number[];
  readonly byField: ReadonlyMap<Field, ReadonlyMap<string, readonly number[]>>;
}

/** Fewer policies are asked one after the other: looking them up would cost as much. */
const minIndexed = 4;

/** Returns an index of these policies: it leaves out those alone whose selector does not hold. */
export function createPolicyIndex(policies: readonly CompiledCelPolicy[]): PolicyIndex {
  const { always, byField } = fillBuckets(policies);
  if (policies.length - always.length < minIndexed) return () => policies;
  const at = (places: readonly number[]): readonly CompiledCelPolicy[] =>
    [...always, ...places].toSorted((a, b) => a - b).flatMap((place) => policies[place] ?? []);
  const unselected = at([]);
  const [[only, byOnly] = [], another] = [...byField];
  if (only !== undefined && byOnly !== undefined && another === undefined) {
    const chosen = new Map([...byOnly].map(([value, places]) => [value, at(places)]));
    return (payload) => {
      const value = valueOf(payload, only);
      return value === undefined ? policies : (chosen.get(value) ?? unselected);
    };
  }
  return (payload) => {
    const places: number[] = [];
    for (const [field, byValue] of byField) {
      const value = valueOf(payload, field);
      if (value === undefined) return policies;
      const found = byValue.get(value);
      if (found !== undefined) places.push(...found);
    }
    return places.length === 0 ? unselected : at(places);
  };
}

/** No proxy sends anything but a text: whatever else it is, the policies themselves say what becomes of it. */
function valueOf(payload: JsonValue, field: Field): string | undefined {
  const http = httpOf(payload);
  const value = http === undefined ? "" : (ownValue(http, field) ?? "");
  return typeof value === "string" ? value : undefined;
}

function fillBuckets(policies: readonly CompiledCelPolicy[]): Buckets {
  const always: number[] = [];
  const byField = new Map<Field, Map<string, number[]>>();
  for (const [place, { selector }] of policies.entries()) {
    if (selector === undefined) {
      always.push(place);
      continue;
    }
    const byValue = byField.get(selector.field) ?? new Map<string, number[]>();
    byField.set(selector.field, byValue);
    for (const value of new Set(selector.values)) {
      byValue.set(value, [...(byValue.get(value) ?? []), place]);
    }
  }
  return { always, byField };
}

function httpOf(payload: JsonValue): JsonObject | undefined {
  const request = isJsonObject(payload) ? ownValue(payload, "request") : undefined;
  const http = isJsonObject(request) ? ownValue(request, "http") : undefined;
  return isJsonObject(http) ? http : undefined;
}
