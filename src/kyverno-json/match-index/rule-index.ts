import type { Value } from "../../go-values/value.ts";
import type { Scope } from "../../jmespath/compile/scope.ts";
import { Pace, type Steps } from "../../model/resumable.ts";
import { buildTreeSteps, type Entry, type TreeNode } from "./decision-tree.ts";
import type { Condition } from "./match-condition.ts";
import type { Source } from "./match-source.ts";
import { createSourceWalk, type Probe } from "./source-walk.ts";

/**
 * The places, in order, of the rules that have to be evaluated for the payload. Every other rule is one that
 * evaluation would skip: its `match` does not err, and does not hold.
 */
export type RuleIndex = (payload: Value, scope: Scope) => readonly number[];

/** Of what a request has left, reading sources may take so much, one in ten: it comes on top of its own. */
const walkShare = 0.1;

/** A source that takes more than following names is read for so many rules at least. */
const minRulesOfComputed = 4;

/**
 * Returns an index over what is known of the rules, in their order; of some nothing is.
 *
 * Reading the sources takes no steps of the request's: it costs less than the rules that it spares. Where it fails,
 * for want of steps or stack, the rules are evaluated that depend on it, and these tell.
 */
export function* createRuleIndexSteps(
  conditions: readonly (Condition | undefined)[],
): Steps<RuleIndex> {
  const pace = new Pace();
  const usable = yield* selectUsable(conditions, pace);
  const entries = usable.flatMap(({ ordinal, alternatives }) =>
    alternatives.map((tests): Entry => ({ ordinal, tests })),
  );
  const tree = yield* buildTreeSteps(entries, pace);
  const all = conditions.map((_, ordinal) => ordinal);
  if (tree.switches.length === 0) return () => all;
  const indexed = new Set(usable.map(({ ordinal }) => ordinal));
  for (const ordinal of tree.ordinals) indexed.delete(ordinal);
  const always = all.filter((ordinal) => !indexed.has(ordinal));
  const walk = createSourceWalk(yield* buildProbes(tree, usable, pace));
  return (payload, scope) => {
    const { budget } = scope;
    const { stepsLeft, bytesLeft, referenceDepth } = budget;
    budget.stepsLeft = Math.floor(stepsLeft * walkShare);
    budget.bytesLeft = Math.floor(bytesLeft * walkShare);
    try {
      const found: number[] = [];
      walk(payload, scope, found);
      return found.length === 0 ? always : mergeOrdinals(always, found);
    } catch (error) {
      if (!(error instanceof RangeError)) throw error;
      // The end of the stack: the rules meet it themselves, each with an error of its own.
      budget.referenceDepth = referenceDepth ?? 0;
      return all;
    } finally {
      // What was remembered without enough steps would be remembered as an error.
      if (budget.stepsLeft < 0) delete budget.memo;
      budget.stepsLeft = stepsLeft;
      budget.bytesLeft = bytesLeft;
    }
  };
}

interface UsableRule {
  readonly ordinal: number;
  readonly alternatives: Condition["alternatives"];
  /** For each source that has to be of certain kinds, their bits. */
  readonly guards: ReadonlyMap<Source, number>;
}

function* selectUsable(
  conditions: readonly (Condition | undefined)[],
  pace: Pace,
): Steps<readonly UsableRule[]> {
  const rules: UsableRule[] = [];
  const uses = new Map<Source, number>();
  for (const [ordinal, condition] of conditions.entries()) {
    if (condition?.alternatives.every((tests) => tests.length > 0) !== true) continue;
    const guards = new Map<Source, number>();
    for (const { source, kinds } of condition.guards) {
      if (pace.isDue()) yield;
      guards.set(source, kinds & (guards.get(source) ?? kinds));
    }
    for (const source of guards.keys()) uses.set(source, (uses.get(source) ?? 0) + 1);
    rules.push({ ordinal, alternatives: condition.alternatives, guards });
  }
  const isWorthReading = (source: Source): boolean =>
    !source.isComputed || (uses.get(source) ?? 0) >= minRulesOfComputed;
  return rules.filter(({ guards }) => [...guards.keys()].every(isWorthReading));
}

function* buildProbes(
  tree: TreeNode,
  rules: readonly UsableRule[],
  pace: Pace,
): Steps<readonly Probe[]> {
  const branches = new Map(tree.switches.map((branch) => [branch.source, branch]));
  const unsure = new Map<Source, number[][]>();
  const listsOf = (source: Source): number[][] => {
    const lists = unsure.get(source) ?? [[], [], [], [], [], []];
    unsure.set(source, lists);
    return lists;
  };
  for (const source of branches.keys()) listsOf(source);
  for (const { ordinal, guards } of rules) {
    for (const [source, kinds] of guards) {
      if (pace.isDue()) yield;
      for (const [kind, list] of listsOf(source).entries()) {
        if ((kinds & (1 << kind)) === 0) list.push(ordinal);
      }
    }
  }
  return [...unsure].map(([source, lists]) => ({
    source,
    unsure: lists,
    branch: branches.get(source),
  }));
}

/** Both in order, each once. What is found behind a single test is in order already. */
function mergeOrdinals(always: readonly number[], found: readonly number[]): readonly number[] {
  const sorted = isAscending(found) ? found : [...new Set(found)].toSorted((a, b) => a - b);
  if (always.length === 0) return sorted;
  const merged: number[] = [];
  let next = 0;
  for (const ordinal of sorted) {
    for (let other = always[next]; other !== undefined && other < ordinal; other = always[next]) {
      merged.push(other);
      next += 1;
    }
    merged.push(ordinal);
  }
  for (let other = always[next]; other !== undefined; other = always[next]) {
    merged.push(other);
    next += 1;
  }
  return merged;
}

function isAscending(ordinals: readonly number[]): boolean {
  let before = -1;
  for (const ordinal of ordinals) {
    if (ordinal <= before) return false;
    before = ordinal;
  }
  return true;
}
