import type { Value } from "../../go-values/value.ts";
import type { Expression } from "../../jmespath/compile/compile.ts";
import type { Scope } from "../../jmespath/compile/scope.ts";
import { maskText } from "../../model/client-texts.ts";
import { EvaluationError, isEvaluationError } from "../../model/evaluation-error.ts";
import { compileTree } from "../assertion/compile-tree.ts";
import type { Tree, TreeCompiler, Variables } from "../assertion/tree.ts";
import type { AssertBlock } from "../document/document.ts";
import { compileMessage, type MessageTemplate } from "../templates/message-template.ts";
import { isPanic, mayPanic } from "./panic.ts";
import type { ParsedAssert, ParsedAssertion } from "./parse-rule.ts";
import { buildAssertRecord } from "./policy-value.ts";
import type { FailedAssertion } from "./rule-outcome.ts";

/** A judge of an `assert` block: it gives what fails, or undefined when it holds, or the first error. */
export type Assert = (
  payload: Value,
  scope: Scope,
) => readonly FailedAssertion[] | undefined | EvaluationError;

/**
 * Returns a function that judges an `assert` block (docs/policy-language.md, Any and all): first one of `any` must hold, and
 * when one does, all of `all`. An error ends it at once.
 *
 * A block without assertions is reported, and an error whenever it is reached.
 */
export function compileAssert(
  block: ParsedAssert,
  documentPath: readonly (string | number)[],
  variables: Variables,
  compiler: TreeCompiler,
): Assert {
  const compileList = (assertions: readonly ParsedAssertion[], name: "any" | "all") =>
    assertions.map((assertion, index) =>
      compileAssertion(
        assertion,
        `${name}[${index}].check`,
        [...documentPath, name, index],
        variables,
        compiler,
      ),
    );
  const any = compileList(block.any, "any");
  const all = compileList(block.all, "all");
  if (any.length === 0 && all.length === 0) {
    const origin = { documentPath, text: "", isKey: true, variables };
    compiler.report("POLICY_EMPTY_ASSERT", "error", "`assert` without any assertion", origin);
    const error = emptyAssertError(block.document);
    return () => error;
  }
  return (payload, scope) => {
    const failed = any.length === 0 ? undefined : failsOfAny(any, payload, scope);
    return failed ?? failsOfAll(all, payload, scope);
  };
}

interface Assertion {
  readonly tree: Tree;
  readonly message: MessageTemplate | undefined;
  /** The message's placeholders that may end in a panic. */
  readonly risks: readonly Expression[];
}

function compileAssertion(
  assertion: ParsedAssertion,
  path: string,
  documentPath: readonly (string | number)[],
  variables: Variables,
  compiler: TreeCompiler,
): Assertion {
  const { check, message } = assertion;
  const site = { documentPath: [...documentPath, "check"], path, at: [], variables };
  const tree = compileTree(check, site, compiler);
  if (message === undefined) return { tree, message, risks: [] };
  const messagePath = [...documentPath, "message"];
  const origin = { documentPath: messagePath, text: message.text, isKey: false, variables };
  if (message.hasStrayBraces) {
    const fault =
      "a placeholder is `{{ expression }}` in one line; what is cut short is shown as `ERR`";
    compiler.report("POLICY_MISUSE", "warning", fault, origin);
  }
  const risks: Expression[] = [];
  const template = compileMessage(message, compiler.texts, (expression, offset) => {
    const evaluate = compiler.compile(expression, offset, origin);
    if (mayPanic(expression.text)) risks.push(evaluate);
    return evaluate;
  });
  return { tree, message: template, risks };
}

/** Undefined once an assertion holds; else what fails of all of them. */
function failsOfAny(
  assertions: readonly Assertion[],
  payload: Value,
  scope: Scope,
): readonly FailedAssertion[] | undefined | EvaluationError {
  const failed: FailedAssertion[] = [];
  for (const [index, { tree, message }] of assertions.entries()) {
    const fails = tree(payload, undefined, scope);
    if (fails === undefined) return panicOfMessages(assertions, index, payload, scope);
    if (isEvaluationError(fails)) return fails;
    failed.push({ message, fails });
  }
  return failed;
}

/** The original makes the message of a branch that fails before it tries the next one; so many failed. */
function panicOfMessages(
  assertions: readonly Assertion[],
  count: number,
  payload: Value,
  scope: Scope,
): EvaluationError | undefined {
  for (const [index, { risks }] of assertions.entries()) {
    if (index >= count) return undefined;
    for (const risk of risks) {
      const result = risk(payload, scope);
      if (isPanic(result)) return result;
    }
  }
  return undefined;
}

function failsOfAll(
  assertions: readonly Assertion[],
  payload: Value,
  scope: Scope,
): readonly FailedAssertion[] | undefined | EvaluationError {
  let failed: FailedAssertion[] | undefined;
  for (const { tree, message } of assertions) {
    const fails = tree(payload, undefined, scope);
    if (fails === undefined) continue;
    if (isEvaluationError(fails)) return fails;
    failed ??= [];
    failed.push({ message, fails });
  }
  return failed;
}

function emptyAssertError(block: AssertBlock): EvaluationError {
  const text = buildAssertRecord(block).goSyntax();
  const detail = "an empty assert is not valid";
  return new EvaluationError(
    "EVALUATION_OTHER",
    `<nil>: Invalid value: ${text}: ${detail}`,
    `<nil>: Invalid value: ${maskText}: ${detail}`,
  );
}
