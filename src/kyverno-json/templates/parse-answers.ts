import type {
  ExpressionParser,
  ParsedExpression,
} from "../../jmespath/syntax/parsed-expression.ts";
import { isJsonObject, type JsonObject, type JsonValue } from "../../model/json.ts";
import type { PayloadPath } from "../../model/payload-reads.ts";
import type {
  AnsweredVerdict,
  AnswerFields,
  AnswerHeader,
  AnswerText,
  PolicyAnswers,
} from "./answer-document.ts";
import { type ParsedMessage, parseMessage } from "./parse-message.ts";

/** The answers of a rule to the proxy, with all expressions parsed. */
export interface RuleAnswers {
  /** Where the rule denies: the policy's answer with the rule's own in front of it. */
  readonly denied: ParsedAnswer | undefined;
  /** Where it is the first of its policy to pass. */
  readonly allowed: ParsedAnswer | undefined;
  /** Where it passes. */
  readonly ownAllowed: ParsedAnswer | undefined;
  /** The annotations' texts. */
  readonly texts: { readonly [V in AnsweredVerdict]: string };
}

/** An answer whose texts are parsed. */
export interface ParsedAnswer {
  readonly status: number | undefined;
  readonly body: ParsedText | undefined;
  readonly headers: readonly ParsedHeader[];
  readonly responseHeaders: readonly ParsedHeader[];
  readonly removeHeaders: readonly string[];
  readonly queryParameters: readonly { readonly name: string; readonly value: ParsedText }[];
  readonly removeQueryParameters: readonly string[];
  readonly metadata: ParsedMetadata | undefined;
}

/** A text with its placeholders, and its place in the annotation. */
export interface ParsedText {
  readonly message: ParsedMessage;
  readonly offset: number;
}

/** A header that is set. */
export interface ParsedHeader {
  readonly name: string;
  readonly value: ParsedText;
  readonly action: "set" | "append";
}

/** Metadata whose texts are parsed. */
export type ParsedMetadata =
  | { readonly kind: "text"; readonly text: ParsedText }
  | { readonly kind: "value"; readonly value: JsonValue }
  | { readonly kind: "list"; readonly items: readonly ParsedMetadata[] }
  | { readonly kind: "map"; readonly members: readonly (readonly [string, ParsedMetadata])[] };

/** Parses what the annotations say of one rule. */
export function parseRuleAnswers(
  { denied, allowed }: PolicyAnswers,
  ruleName: string,
  parse: ExpressionParser,
): RuleAnswers {
  const parseFields = (fields: AnswerFields | undefined): ParsedAnswer | undefined =>
    fields && parseAnswer(fields, parse);
  const own = denied?.rules.get(ruleName);
  return {
    denied: parseFields(denied && own ? joinFields(denied.general, own) : denied?.general),
    allowed: parseFields(allowed?.general),
    ownAllowed: parseFields(allowed?.rules.get(ruleName)),
    texts: { denied: denied?.text ?? "", allowed: allowed?.text ?? "" },
  };
}

/** Returns all expressions of the answers. */
export function expressionsOfAnswers(answers: RuleAnswers): readonly ParsedExpression[] {
  const found = [answers.denied, answers.allowed, answers.ownAllowed];
  return found
    .flatMap((answer) => (answer === undefined ? [] : textsOf(answer)))
    .flatMap(({ message }) => message.placeholders.map(({ expression }) => expression));
}

/**
 * Returns the parts of the payload that the answers to allowed requests are settled by: whether a header is there that is
 * appended to, and how the path spells its query parameters.
 */
export function readsOfAnswers({ allowed, ownAllowed }: RuleAnswers): readonly PayloadPath[] {
  return [allowed, ownAllowed].flatMap((answer) => {
    if (answer === undefined) return [];
    const { headers, queryParameters, removeQueryParameters } = answer;
    const appended = headers.filter(({ action }) => action === "append");
    const hasParameters = queryParameters.length + removeQueryParameters.length > 0;
    return [
      ...appended.map(({ name }) => ["request", "http", "headers", name]),
      ...(hasParameters ? [["request", "http", "path"]] : []),
    ];
  });
}

/** Returns all texts of an answer. */
export function textsOf(answer: ParsedAnswer): readonly ParsedText[] {
  const { body, headers, responseHeaders, queryParameters, metadata } = answer;
  return [
    ...(body === undefined ? [] : [body]),
    ...[...headers, ...responseHeaders, ...queryParameters].map(({ value }) => value),
    ...(metadata === undefined ? [] : textsOfMetadata(metadata)),
  ];
}

function textsOfMetadata(metadata: ParsedMetadata): readonly ParsedText[] {
  switch (metadata.kind) {
    case "text":
      return [metadata.text];
    case "value":
      return [];
    case "list":
      return metadata.items.flatMap(textsOfMetadata);
    case "map":
      return metadata.members.flatMap(([, member]) => textsOfMetadata(member));
  }
}

/** The rule's own fields go before the policy's; headers and metadata one by one. */
function joinFields(general: AnswerFields, own: AnswerFields): AnswerFields {
  const isOwn = ({ name }: AnswerHeader): boolean =>
    own.headers.some((header) => header.name === name);
  const metadata = own.metadata && { ...general.metadata, ...own.metadata };
  return {
    ...general,
    ...own,
    headers: [...general.headers.filter((header) => !isOwn(header)), ...own.headers],
    ...(metadata && { metadata }),
  };
}

function parseAnswer(fields: AnswerFields, parse: ExpressionParser): ParsedAnswer {
  const parseText = ({ text, offset }: AnswerText): ParsedText => ({
    message: parseMessage(text, parse),
    offset,
  });
  const parseHeaders = (headers: readonly AnswerHeader[]): readonly ParsedHeader[] =>
    headers.map((header) => ({ ...header, value: parseText(header.value) }));
  const { status, body, metadata, removeHeaders, removeQueryParameters } = fields;
  return {
    status,
    body: body && parseText(body),
    headers: parseHeaders(fields.headers),
    responseHeaders: parseHeaders(fields.responseHeaders),
    removeHeaders,
    queryParameters: fields.queryParameters.map(({ name, value }) => ({
      name,
      value: parseText(value),
    })),
    removeQueryParameters,
    metadata: metadata && parseMetadata(metadata, parseText),
  };
}

function parseMetadata(
  value: JsonValue | JsonObject,
  parseText: (text: AnswerText) => ParsedText,
): ParsedMetadata {
  if (typeof value === "string") {
    return { kind: "text", text: parseText({ text: value, offset: 0 }) };
  }
  if (isJsonObject(value)) {
    const members = Object.entries(value).map(
      ([name, member]) => [name, parseMetadata(member, parseText)] as const,
    );
    return { kind: "map", members };
  }
  if (typeof value !== "object" || value === null) return { kind: "value", value };
  return { kind: "list", items: value.map((item) => parseMetadata(item, parseText)) };
}
