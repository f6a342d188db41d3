import type { Result, Value } from "../../go-values/value.ts";
import type { Scope } from "../../jmespath/compile/scope.ts";
import { type EvaluationError, isEvaluationError } from "../../model/evaluation-error.ts";
import type { Pace, Steps } from "../../model/resumable.ts";
import { memberOf, membersOf } from "../assertion/tree-value.ts";
import type { Scalar, Test } from "./match-condition.ts";
import type { Source } from "./match-source.ts";
import { PrefixTree } from "./prefix-tree.ts";

/** A rule, by its place in the set, and what has to hold of a payload for it to apply. */
export interface Entry {
  readonly ordinal: number;
  readonly tests: readonly Test[];
}

/** The questions that are left once some tests hold. */
export interface TreeNode {
  /** The rules for which nothing is left to ask. */
  readonly ordinals: readonly number[];
  readonly switches: readonly Switch[];
}

/** One source, and where its value leads. */
export interface Switch {
  readonly source: Source;
  readonly equal: ReadonlyMap<Scalar, TreeNode>;
  readonly prefixes: PrefixTree<TreeNode> | undefined;
}

/** So few rules are evaluated rather than asked for: a rule that does not apply costs about as much as a question. */
const fewRules = 2;

/** So many tests are asked one behind the other; what they do not tell apart is evaluated. */
const maxQuestions = 4;

/** Entries by the operand of the test that they stand behind. */
type Groups = Map<Scalar, Entry[]>;

/**
 * Returns a tree over the entries: every entry stands behind the test that it shares with the fewest others, those behind one
 * test in a tree of their own.
 */
export function* buildTreeSteps(
  entries: readonly Entry[],
  pace: Pace,
  depth: number = 0,
): Steps<TreeNode> {
  if (pace.isDue()) yield;
  const asking = entries.filter(({ tests }) => tests.length > 0);
  if (asking.length <= fewRules || depth === maxQuestions) {
    return { ordinals: ordinalsOf(entries), switches: [] };
  }
  const choose = yield* createChoice(asking, pace);
  const groups = new Map<Source, { readonly equal: Groups; readonly prefix: Groups }>();
  for (const { ordinal, tests } of asking) {
    if (pace.isDue()) yield;
    const chosen = choose(tests);
    const group = getOrAdd(groups, chosen.source, () => ({ equal: new Map(), prefix: new Map() }));
    const rest = tests.filter((test) => !isSameTest(test, chosen));
    getOrAdd(group[chosen.kind], chosen.operand, () => []).push({ ordinal, tests: rest });
  }
  const switches: Switch[] = [];
  for (const [source, { equal, prefix }] of groups) {
    const nodes = new Map<Scalar, TreeNode>();
    for (const [operand, behind] of equal) {
      nodes.set(operand, yield* buildTreeSteps(behind, pace, depth + 1));
    }
    const prefixes = new PrefixTree<TreeNode>();
    for (const [operand, behind] of prefix) {
      prefixes.set(String(operand), yield* buildTreeSteps(behind, pace, depth + 1));
    }
    switches.push({ source, equal: nodes, prefixes: prefix.size === 0 ? undefined : prefixes });
  }
  return { ordinals: ordinalsOf(entries.filter(({ tests }) => tests.length === 0)), switches };
}

/**
 * Picks of an entry's tests the one that fewest entries share; of equals the sharper kind, then the source that is
 * asked most, so that few sources are read.
 */
function* createChoice(
  entries: readonly Entry[],
  pace: Pace,
): Steps<(tests: readonly Test[]) => Test> {
  const counts = new Map<Source, Counts>();
  for (const { tests } of entries) {
    if (pace.isDue()) yield;
    for (const { source, kind, operand } of tests) {
      const count = getOrAdd(counts, source, createCounts);
      count.total += 1;
      count[kind].set(operand, (count[kind].get(operand) ?? 0) + 1);
    }
  }
  const isBetter = (test: Test, than: Test): boolean => {
    const [own, other] = [counts.get(test.source), counts.get(than.source)];
    const shared = own?.[test.kind].get(test.operand) ?? 0;
    const otherShared = other?.[than.kind].get(than.operand) ?? 0;
    if (shared !== otherShared) return shared < otherShared;
    if (test.kind !== than.kind) return test.kind === "equal";
    return (own?.total ?? 0) > (other?.total ?? 0);
  };
  return (tests) => tests.reduce((best, test) => (isBetter(test, best) ? test : best));
}

/** How often a source is asked, and how often for each operand. */
interface Counts {
  total: number;
  readonly equal: Map<Scalar, number>;
  readonly prefix: Map<Scalar, number>;
}

function createCounts(): Counts {
  return { total: 0, equal: new Map(), prefix: new Map() };
}

function isSameTest(left: Test, right: Test): boolean {
  return left.source === right.source && left.kind === right.kind && left.operand === right.operand;
}

/** Adds the rules behind a source that may apply when this is its value: for an error all of them. */
export function collectFor(
  at: Switch,
  value: Result,
  payload: Value,
  scope: Scope,
  found: number[],
): void {
  if (typeof value === "object" && value !== null) {
    if (isEvaluationError(value)) collectAll(at, found);
    return;
  }
  const node = at.equal.get(value);
  if (node !== undefined) collect(node, payload, scope, found);
  if (at.prefixes === undefined || typeof value !== "string") return;
  at.prefixes.forEachPrefixOf(value, (behind) => {
    collect(behind, payload, scope, found);
  });
}

function collect(node: TreeNode, payload: Value, scope: Scope, found: number[]): void {
  for (const ordinal of node.ordinals) found.push(ordinal);
  for (const at of node.switches) {
    collectFor(at, readSource(at.source, payload, scope), payload, scope, found);
  }
}

function collectAll({ equal, prefixes }: Switch, found: number[]): void {
  const addNode = ({ ordinals, switches }: TreeNode): void => {
    for (const ordinal of ordinals) found.push(ordinal);
    for (const one of switches) collectAll(one, found);
  };
  for (const node of equal.values()) addNode(node);
  prefixes?.forEach(addNode);
}

function readSource(source: Source, payload: Value, scope: Scope): Value | EvaluationError {
  if (source.from === undefined) return payload;
  const value = readSource(source.from, payload, scope);
  return isEvaluationError(value) ? value : takeStep(source.step, value, scope);
}

/** Returns what a source's step makes of the value in front of it. */
export function takeStep(step: Source["step"], value: Value, scope: Scope): Result {
  if (typeof step !== "string") return step(value, scope);
  const members = membersOf(value);
  return members === undefined ? value : memberOf(members, step);
}

function ordinalsOf(entries: readonly Entry[]): readonly number[] {
  return [...new Set(entries.map(({ ordinal }) => ordinal))];
}

function getOrAdd<Key, Item>(map: Map<Key, Item>, key: Key, create: () => Item): Item {
  const known = map.get(key);
  if (known !== undefined) return known;
  const created = create();
  map.set(key, created);
  return created;
}
