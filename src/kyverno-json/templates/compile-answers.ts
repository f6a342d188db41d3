import { formatGoValue } from "../../go-values/go-format.ts";
import { normalizeBytes } from "../../go-values/go-string.ts";
import { GoInt, type Value } from "../../go-values/value.ts";
import type { Expression } from "../../jmespath/compile/compile.ts";
import type { Scope } from "../../jmespath/compile/scope.ts";
import type { AllowResponse, DenyResponse, HeaderChange } from "../../model/decision-response.ts";
import { EvaluationError, isEvaluationError } from "../../model/evaluation-error.ts";
import { refuseHeaderValue } from "../../model/header-rules.ts";
import type { JsonObject, JsonValue } from "../../model/json.ts";
import { charge } from "../../model/step-limit.ts";
import type { ParsedAnswer, ParsedHeader, ParsedMetadata, ParsedText } from "./parse-answers.ts";

/** Expands an answer over a rule's scope. */
export type Expand<R> = (payload: Value, scope: Scope) => R;

/** Compiles one expression of a text; `at` is the text's place in its annotation. */
export type CompilePlaceholder = (text: ParsedText, index: number) => Expression;

/** The status of a denial whose policy names none. */
const FORBIDDEN = 403;

type Text = Expand<string | EvaluationError>;

/** Compiles what a denied client is answered: a field whose text fails is left out. */
export function compileDenied(
  answer: ParsedAnswer,
  compile: CompilePlaceholder,
): Expand<DenyResponse> {
  const { status = FORBIDDEN } = answer;
  const body = answer.body && compileText(answer.body, compile);
  const headers = answer.headers.map((header) => compileHeader(header, compile));
  const metadata = answer.metadata && compileMetadata(answer.metadata, compile);
  return (payload, scope) => {
    const text = body?.(payload, scope);
    const shown = headers.map((expand) => expand(payload, scope));
    const data = metadata?.(payload, scope);
    return {
      kind: "deny",
      status,
      headers: shown.flatMap((header) => (isEvaluationError(header) ? [] : [header])),
      ...(typeof text === "string" && { body: text }),
      ...(isObject(data) && { dynamicMetadata: data }),
    };
  };
}

/** Compiles what becomes of an allowed request; a text that fails is an error, which denies. */
export function compileAllowed(
  answer: ParsedAnswer,
  compile: CompilePlaceholder,
): Expand<AllowResponse | EvaluationError> {
  const { removeHeaders, removeQueryParameters } = answer;
  const headers = compileAll(answer.headers.map((header) => compileHeader(header, compile)));
  const responseHeaders = compileAll(
    answer.responseHeaders.map((header) => compileHeader(header, compile)),
  );
  const parameters = compileAll(
    answer.queryParameters.map(({ name, value }) => compileParameter(name, value, compile)),
  );
  const metadata = answer.metadata && compileMetadata(answer.metadata, compile);
  return (payload, scope) => {
    const requestHeaders = headers(payload, scope);
    if (isEvaluationError(requestHeaders)) return requestHeaders;
    const added = responseHeaders(payload, scope);
    if (isEvaluationError(added)) return added;
    const queryParameters = parameters(payload, scope);
    if (isEvaluationError(queryParameters)) return queryParameters;
    const data = metadata?.(payload, scope);
    if (isEvaluationError(data)) return data;
    return {
      kind: "allow",
      requestHeaders,
      removedHeaders: removeHeaders,
      responseHeaders: added,
      queryParameters,
      removedQueryParameters: removeQueryParameters,
      ...(isObject(data) && { dynamicMetadata: data }),
    };
  };
}

/** All of a list, or the first error. */
function compileAll<T>(
  items: readonly Expand<T | EvaluationError>[],
): Expand<readonly T[] | EvaluationError> {
  return (payload, scope) => {
    const done: T[] = [];
    for (const expand of items) {
      const item = expand(payload, scope);
      if (isEvaluationError(item)) return item;
      done.push(item);
    }
    return done;
  };
}

function compileHeader(
  { name, value, action }: ParsedHeader,
  compile: CompilePlaceholder,
): Expand<HeaderChange | EvaluationError> {
  const expand = compileText(value, compile);
  return (payload, scope) => {
    const text = expand(payload, scope);
    if (isEvaluationError(text)) return text;
    const refusal = refuseHeaderValue(text);
    if (refusal !== undefined) return failure(`header \`${name}\`: ${refusal}`);
    return { name, value: text, action };
  };
}

function compileParameter(
  name: string,
  value: ParsedText,
  compile: CompilePlaceholder,
): Expand<{ readonly name: string; readonly value: string } | EvaluationError> {
  const expand = compileText(value, compile);
  return (payload, scope) => {
    const text = expand(payload, scope);
    if (isEvaluationError(text)) return text;
    const refusal = refuseHeaderValue(text);
    return refusal === undefined
      ? { name, value: text }
      : failure(`query parameter \`${name}\`: ${refusal}`);
  };
}

function compileMetadata(
  metadata: ParsedMetadata,
  compile: CompilePlaceholder,
): Expand<JsonValue | EvaluationError> {
  switch (metadata.kind) {
    case "text":
      return compileText(metadata.text, compile);
    case "value":
      return () => metadata.value;
    case "list":
      return compileAll(metadata.items.map((item) => compileMetadata(item, compile)));
    case "map": {
      const names = metadata.members.map(([name]) => name);
      const members = compileAll(
        metadata.members.map(([, member]) => compileMetadata(member, compile)),
      );
      return (payload, scope) => {
        const values = members(payload, scope);
        if (isEvaluationError(values)) return values;
        // Makes own members of all names, `__proto__` too.
        return Object.fromEntries(names.map((name, index) => [name, values[index] ?? null]));
      };
    }
  }
}

/** Expanded once: what an expression gives is never searched for expressions. */
function compileText(text: ParsedText, compile: CompilePlaceholder): Text {
  const { message } = text;
  const pieces: (string | Expression)[] = [];
  let done = 0;
  for (const [index, { start, end }] of message.placeholders.entries()) {
    pieces.push(message.text.slice(done, start), compile(text, index));
    done = end;
  }
  pieces.push(message.text.slice(done));
  return (payload, scope) => {
    let filled = "";
    for (const piece of pieces) {
      const shown = typeof piece === "string" ? piece : toText(piece(payload, scope), scope);
      if (isEvaluationError(shown)) return shown;
      filled += shown;
    }
    return charge(scope.budget, filled.length) ?? normalizeBytes(filled);
  };
}

function toText(value: ReturnType<Expression>, scope: Scope): string | EvaluationError {
  if (typeof value === "string" || isEvaluationError(value)) return value;
  if (typeof value === "number" || value instanceof GoInt || typeof value === "boolean") {
    return formatGoValue(value, scope.budget.limits.maxStringBytes);
  }
  return failure("an expression of an answer gives no text");
}

function failure(message: string): EvaluationError {
  return new EvaluationError("EVALUATION_VALUE", message);
}

function isObject(value: JsonValue | EvaluationError | undefined): value is JsonObject {
  return (
    typeof value === "object" &&
    value !== null &&
    !Array.isArray(value) &&
    !isEvaluationError(value)
  );
}
