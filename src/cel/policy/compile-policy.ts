import { locateInText } from "../../documents/locate-in-text.ts";
import { type Diagnostic, isError } from "../../model/diagnostic.ts";
import type { PolicyErrorCode } from "../../model/error-codes.ts";
import type { EvaluationLimits } from "../../model/limits.ts";
import type { PayloadPath } from "../../model/payload-reads.ts";
import type {
  CelDocument,
  CelPolicyDocument,
  ExceptionDocument,
  ExpressionText,
} from "../document/document.ts";
import type { CelEnvironment } from "../environment.ts";
import type { Evaluate } from "../functions/frame.ts";
import { boolType, type CelType, errorType, renderType } from "../types/type.ts";
import { isSameType } from "../types/unify.ts";
import type { CompiledCelPolicy, CompiledException } from "./cel-policy.ts";
import { compileExpression } from "./compile-expression.ts";
import type { ModeOfPolicies } from "./mode.ts";
import { findSelector, type Selector } from "./policy-index.ts";
import { withVariables } from "./policy-variables.ts";
import { isBounded } from "./work-bounds.ts";

/** The result of compiling a policy with its exceptions. */
export interface CompiledPolicy {
  readonly policy: CompiledCelPolicy;
  readonly reads: readonly PayloadPath[];
  /** Whether the work of all its expressions has a bound linear in the size of a request. */
  readonly hasBoundedWork: boolean;
  /** All faults of all expressions, in the order of the documents. */
  readonly diagnostics: readonly Diagnostic[];
}

/** Compiles a policy and the exceptions to it; with a fault among the diagnostics the policy is of no use. */
export function compilePolicy(
  document: CelPolicyDocument,
  exceptions: readonly ExceptionDocument[],
  mode: ModeOfPolicies,
  limits: EvaluationLimits,
): CompiledPolicy {
  const compiler = new PolicyCompiler(mode, limits);
  const { environment } = mode;
  const types = new Map<string, CelType>();
  const variables = new Map<string, Evaluate>();
  const conditions = document.matchConditions.map((condition) =>
    compiler.compile(document, condition, withVariables(environment, undefined), isCondition),
  );
  // Without a condition the first expression is another one.
  const selector = conditions.length === 0 ? undefined : compiler.firstSelector;
  for (const variable of document.variables) {
    // Each sees the ones before it.
    const before = withVariables(environment, new Map(types));
    variables.set(variable.name, compiler.compile(document, variable, before, isAnything));
    types.set(variable.name, compiler.lastType);
  }
  const inner = withVariables(environment, types);
  const validations = document.validations.map((validation) =>
    compiler.compile(document, validation, inner, isResponse(mode.responseType)),
  );
  const { name, ignoresErrors } = document;
  const policy: CompiledCelPolicy = {
    name,
    ignoresErrors,
    selector,
    conditions,
    variables,
    validations,
    exceptions: exceptions.map((exception) => compileException(exception, inner, compiler)),
  };
  const { reads, hasBoundedWork, diagnostics } = compiler;
  return { policy, reads, hasBoundedWork, diagnostics };
}

function compileException(
  exception: ExceptionDocument,
  environment: CelEnvironment,
  compiler: PolicyCompiler,
): CompiledException {
  return {
    expiresAtMs: exception.expiresAtMs ?? Number.POSITIVE_INFINITY,
    conditions: exception.matchConditions.map((condition) =>
      compiler.compile(exception, condition, environment, isCondition),
    ),
  };
}

/** Returns what is wrong with an expression's type, or undefined. */
type TypeRule = (type: CelType) => string | undefined;

const isAnything: TypeRule = () => undefined;

const isCondition: TypeRule = (type) => {
  const isBool = isSameType(type, boolType) || (type.kind === "wrapper" && type.of.kind === "bool");
  return isBool ? undefined : `a condition gives \`bool\`; this is \`${renderType(type)}\``;
};

function isResponse(response: CelType): TypeRule {
  return (type) => {
    if (type.kind === "null" || isSameType(type, response)) return undefined;
    const wanted = `\`${renderType(response)}\` or \`null\``;
    const hint = /HttpResponse$|CheckResponse(Ok|Denied)$/.test(renderType(type))
      ? ": finish it by `.Response()`"
      : "";
    return `a validation gives ${wanted}; this is \`${renderType(type)}\`${hint}`;
  };
}

/** Compiles the expressions of one policy and keeps what is found on the way. */
class PolicyCompiler {
  readonly #mode: ModeOfPolicies;
  readonly #limits: EvaluationLimits;
  readonly diagnostics: Diagnostic[] = [];
  readonly reads: PayloadPath[] = [];
  hasBoundedWork = true;
  /** The selector of the expression compiled first. */
  firstSelector: Selector | undefined;
  #isFirst = true;
  /** The type of the expression compiled last. */
  lastType: CelType = errorType;

  constructor(mode: ModeOfPolicies, limits: EvaluationLimits) {
    this.#mode = mode;
    this.#limits = limits;
  }

  compile(
    document: CelDocument,
    expression: ExpressionText,
    environment: CelEnvironment,
    rule: TypeRule,
  ): Evaluate {
    const compiled = compileExpression(expression.text, environment, this.#limits);
    this.lastType = errorType;
    if (!("root" in compiled)) {
      for (const { code, message, offset } of compiled) {
        this.#report(document, expression, code, message, offset);
      }
      return neverCompiled;
    }
    for (const { code, message, offset } of compiled.warnings) {
      this.#report(document, expression, code, message, offset, "warning");
    }
    const { type } = compiled.checked;
    this.lastType = type;
    if (this.#isFirst) this.firstSelector = findSelector(compiled.root, compiled.checked);
    this.#isFirst = false;
    this.hasBoundedWork &&= isBounded(compiled.root, compiled.checked);
    this.reads.push(...this.#mode.findReads(compiled));
    const refusal = rule(type);
    if (refusal !== undefined) {
      this.#report(document, expression, "POLICY_EXPRESSION_TYPE", refusal, 0);
    }
    return compiled.evaluate;
  }

  #report(
    document: CelDocument,
    { path, text }: ExpressionText,
    code: PolicyErrorCode,
    message: string,
    offset: number,
    severity: Diagnostic["severity"] = "error",
  ): void {
    const place = locateInText(document, path, text, offset);
    this.diagnostics.push({ code, severity, message, file: document.file, ...place });
  }
}

const neverCompiled: Evaluate = () => {
  throw new Error("an expression with a fault was evaluated");
};

/** Returns whether the diagnostics let the policy be loaded. */
export function isLoadable({ diagnostics }: CompiledPolicy): boolean {
  return !diagnostics.some(isError);
}
