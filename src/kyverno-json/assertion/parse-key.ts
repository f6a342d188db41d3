/** The meaning of a string in a tree that is more than a name: `~i.(statement)->binding` and its parts. */
export interface KeyExpression {
  /** What is left when all marks are taken off: an expression's text, or a field's name. Never empty. */
  readonly statement: string;
  /** Whether the statement is an expression (it stood in parentheses) and not a name. */
  readonly isExpression: boolean;
  /** Where in the text the statement starts; in UTF-16 code units. */
  readonly offset: number;
  /** Whether the child is held against every element (`~.`). */
  readonly isForeach: boolean;
  /** The variable that holds the index or key of the element (`~i.`). */
  readonly indexName?: string;
  /** The variable that holds the result (`->name`). */
  readonly bindingName?: string;
}

/**
 * Returns what the string means as a key, a leaf or a context variable; undefined when it is nothing but itself.
 *
 * The marks are taken off in the original's order: foreach, binding, escape, expression. Its regular expressions
 * (docs/policy-language.md, Keys) are followed by hand, because one of them is not linear in JavaScript.
 */
export function parseKey(text: string): KeyExpression | undefined {
  const foreach = parseForeach(text);
  const bound = parseBinding(text, foreach.rest);
  const statement = parseStatement(text, bound.rest);
  if (statement.rest.start === statement.rest.end) return undefined;
  return {
    statement: text.slice(statement.rest.start, statement.rest.end),
    isExpression: statement.isExpression,
    offset: statement.rest.start,
    isForeach: foreach.isForeach,
    ...(foreach.name === undefined ? {} : { indexName: foreach.name }),
    ...(bound.name === undefined ? {} : { bindingName: bound.name }),
  };
}

/** What is left of the text: from `start` up to, not including, `end`. */
interface Span {
  readonly start: number;
  readonly end: number;
}

const foreachMark = /^~([0-9A-Za-z_]+)?\./;

/** `^~(\w+)?\.(.*)`: what follows a line break is lost. */
function parseForeach(text: string): { rest: Span; isForeach: boolean; name?: string } {
  const found = foreachMark.exec(text);
  if (found === null) return { rest: { start: 0, end: text.length }, isForeach: false };
  const start = found[0].length;
  const rest = { start, end: endOfLine(text, { start, end: text.length }) };
  return { rest, isForeach: true, ...(found[1] === undefined ? {} : { name: found[1] }) };
}

/**
 * `(.*)\s*->\s*(\w+)$`, not anchored at its start: with line breaks in front of the arrow, only what stands
 * after the last one that blanks do not follow up to the arrow is left. Blanks in front of the arrow stay.
 */
function parseBinding(text: string, span: Span): { rest: Span; name?: string } {
  const nameStart = backOver(text, span, span.end, isWordCode);
  const arrowEnd = backOver(text, span, nameStart, isBlankCode);
  const arrow = arrowEnd - 2;
  const isBound =
    nameStart < span.end && arrow >= span.start && text.startsWith("->", arrow) && arrowEnd >= 2;
  if (!isBound) return { rest: span };
  const beforeBlanks = backOver(text, span, arrow, isBlankCode);
  const lineBreak = text.lastIndexOf("\n", beforeBlanks - 1);
  const start = beforeBlanks > 0 && lineBreak >= span.start ? lineBreak + 1 : span.start;
  const rest = { start, end: endOfLine(text, { start, end: arrow }) };
  return { rest, name: text.slice(nameStart, span.end) };
}

const engineMark = /^[0-9A-Za-z_]+:/;

/** `^\\(.+)\\$`, or else `^\((?:(\w+):)?(.+)\)$`; neither spans lines. The engine's name has no effect. */
function parseStatement(text: string, span: Span): { rest: Span; isExpression: boolean } {
  const { start, end } = span;
  const first = text.charAt(start);
  const isWrapped = end - start >= 3 && endOfLine(text, span) === end;
  if (isWrapped && first === "\\" && text.charAt(end - 1) === "\\") {
    return { rest: { start: start + 1, end: end - 1 }, isExpression: false };
  }
  if (!isWrapped || first !== "(" || text.charAt(end - 1) !== ")") {
    return { rest: span, isExpression: false };
  }
  const engine = engineMark.exec(text.slice(start + 1, end - 1));
  const skipped = engine === null || engine[0].length === end - start - 2 ? 0 : engine[0].length;
  return { rest: { start: start + 1 + skipped, end: end - 1 }, isExpression: true };
}

function endOfLine(text: string, span: Span): number {
  const at = text.indexOf("\n", span.start);
  return at < 0 || at > span.end ? span.end : at;
}

/** The smallest index from which all characters up to `from` are of the class. */
function backOver(
  text: string,
  span: Span,
  from: number,
  isOfClass: (code: number) => boolean,
): number {
  let at = from;
  while (at > span.start && isOfClass(text.charCodeAt(at - 1))) at -= 1;
  return at;
}

/** Go's `\w`. */
function isWordCode(code: number): boolean {
  return (
    (code >= 48 && code <= 57) ||
    (code >= 65 && code <= 90) ||
    code === 95 ||
    (code >= 97 && code <= 122)
  );
}

/** Go's `\s`: tab, line feed, form feed, carriage return, space. */
function isBlankCode(code: number): boolean {
  return code === 9 || code === 10 || code === 12 || code === 13 || code === 32;
}
