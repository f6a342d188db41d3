import { Scanner } from "./scanner.ts";
import type { SyntaxProblem } from "./syntax-problem.ts";
import type { Mark } from "./text-cursor.ts";
import type { NodeProperties, YamlNode } from "./yaml-node.ts";
import type { DirectiveToken, TagToken, YamlToken } from "./yaml-token.ts";

/** A collection that is being read. */
interface OpenCollection {
  readonly kind: "sequence" | "mapping";
  readonly properties: NodeProperties;
  readonly children: YamlNode[];
  readonly mark: Mark;
  /** The line where its anchor and tag start, or itself. */
  readonly line: number;
  /** What the grammar says comes next in it. */
  state: State;
}

type State =
  | "block item"
  | "indentless item"
  | "block key"
  | "block value"
  | "first flow item"
  | "flow item"
  | "flow pair key"
  | "flow pair value"
  | "flow pair end"
  | "first flow key"
  | "flow key"
  | "flow value"
  | "missing flow value";

/** Where a node stands: inside brackets, outside, or where its `- ` may be in line with the key it is the value of. */
type Context = "flow" | "block" | "block value";

type Kind = YamlToken["kind"];

const textStart: Mark = { offset: 0, index: 0, line: 0, column: 0 };
const coreTag = "tag:yaml.org,2002:";
const noProperties: NodeProperties = { anchor: undefined, tag: undefined };
/** What ends a document that has no content behind its `---`. */
const documentBounds: ReadonlySet<Kind> = new Set<Kind>([
  "version",
  "tag directive",
  "document start",
  "document end",
  "stream end",
]);

/**
 * The first document of a text, by the grammar of libyaml's parser, a step at a time. What is open is kept on a stack of
 * our own, so that no text makes this recurse.
 */
export class DocumentParser {
  readonly #scanner: Scanner;
  readonly #open: OpenCollection[] = [];
  readonly #anchors = new Set<string>();
  #root: YamlNode | undefined;
  #problem: SyntaxProblem | undefined;
  #prefixes: ReadonlyMap<string, string> = new Map();

  constructor(text: string) {
    this.#scanner = new Scanner(text);
    this.#begin();
  }

  /** The first problem: whatever was read is then worth nothing. */
  get problem(): SyntaxProblem | undefined {
    return this.#scanner.problem ?? this.#problem;
  }

  /** The document's node once all is read; undefined for a text without content. */
  get root(): YamlNode | undefined {
    return this.#root;
  }

  /** How many collections are open. */
  get depth(): number {
    return this.#open.length;
  }

  /** Where the collection stands that was opened last. */
  get openOffset(): number {
    return this.#open.at(-1)?.mark.offset ?? 0;
  }

  /** Reads on a little; false when the document is over, or there is a problem. */
  step(): boolean {
    if (this.problem !== undefined) return false;
    const top = this.#open.at(-1);
    if (top === undefined) {
      // Whether the document ends here takes a look at the next token, which may be bad.
      this.#peek();
      return false;
    }
    this.#readOn(top);
    return true;
  }

  /** Where what stands behind the document starts, or undefined where there is nothing but marks of its end. */
  findTail(): number | undefined {
    let token = this.#peek();
    while (token.kind === "document end") token = this.#next();
    const isEnd = token.kind === "stream end" && this.problem === undefined;
    return isEnd ? undefined : token.start.offset;
  }

  #begin(): void {
    const first = this.#peek();
    if (first.kind === "stream end") return;
    if (first.kind === "document end" || !documentBounds.has(first.kind)) {
      this.#parseNode("block");
      return;
    }
    const token = this.#readDirectives(first);
    if (token.kind !== "document start") {
      this.#fail("did not find expected <document start>", token.start, textStart);
      return;
    }
    const { kind, start } = this.#next();
    if (documentBounds.has(kind)) this.#addEmpty(start);
    else this.#parseNode("block");
  }

  /** Gives the first token that is no directive. */
  #readDirectives(first: YamlToken): YamlToken {
    const prefixes = new Map<string, string>();
    let hasVersion = false;
    let token = first;
    for (; token.kind === "version" || token.kind === "tag directive"; token = this.#next()) {
      const problem = problemOf(token, hasVersion, prefixes);
      if (problem !== undefined) {
        this.#fail(problem, token.start, textStart);
        break;
      }
      if (token.kind === "version") hasVersion = true;
      else prefixes.set(token.handle, token.prefix);
    }
    this.#prefixes = prefixes;
    return token;
  }

  #peek(): YamlToken {
    return this.#scanner.peek();
  }

  /** Passes a token, and gives the next. */
  #next(): YamlToken {
    this.#scanner.take();
    return this.#scanner.peek();
  }

  #parseNode(context: Context): void {
    let token = this.#peek();
    const { start } = token;
    if (token.kind === "alias") {
      const { name } = token;
      if (!this.#anchors.has(name)) {
        const problem = `unknown anchor '${name}' referenced`;
        this.#problem ??= { by: "composer", problem, at: start, context: start };
      }
      this.#add({ kind: "alias", name, offset: start.offset, line: start.line });
      this.#scanner.take();
      return;
    }
    let anchor: string | undefined;
    let tag: TagToken | undefined;
    for (; ; token = this.#next()) {
      if (token.kind === "anchor" && anchor === undefined) anchor = token.name;
      else if (token.kind === "tag" && tag === undefined) tag = token;
      else break;
    }
    if (anchor !== undefined) this.#anchors.add(anchor);
    const properties = { anchor, tag: tag && this.#resolveTag(tag, start) };
    this.#parseContent(token, context, properties, start);
  }

  #parseContent(token: YamlToken, context: Context, properties: NodeProperties, start: Mark): void {
    const { kind } = token;
    if (kind === "scalar") {
      const isPlain =
        properties.tag === undefined ? token.style === "plain" : properties.tag === "!";
      const place = { offset: token.start.offset, end: token.end.offset, line: start.line };
      this.#add({ kind: "scalar", text: token.value, isPlain, ...place, ...properties });
      this.#scanner.take();
      return;
    }
    const opening = openingOf(kind, context);
    if (opening !== undefined) {
      const place = { mark: token.start, line: start.line };
      this.#open.push({ ...opening, ...place, properties, children: [] });
      // A list in line with its key has no token of its own.
      if (opening.state !== "indentless item") this.#scanner.take();
    } else if (properties.anchor !== undefined || properties.tag !== undefined) {
      this.#addEmpty(start, properties);
    } else {
      this.#fail("did not find expected node content", token.start, start);
    }
  }

  #readOn(top: OpenCollection): void {
    switch (top.state) {
      case "block item":
        return this.#readBlockItem(top);
      case "indentless item":
        return this.#readIndentlessItem();
      case "block key":
        return this.#readBlockKey(top);
      case "block value":
        return this.#readBlockValue(top);
      case "first flow item":
      case "flow item":
        return this.#readFlowItem(top);
      case "flow pair key":
        return this.#readFlowPairKey(top);
      case "flow pair value":
        return this.#readFlowPairValue(top);
      case "flow pair end":
        return this.#close();
      case "first flow key":
      case "flow key":
        return this.#readFlowKey(top);
      case "flow value":
        return this.#readFlowValue(top);
      case "missing flow value":
        top.state = "flow key";
        return this.#addEmpty(this.#peek().start);
    }
  }

  #readBlockItem(top: OpenCollection): void {
    const token = this.#peek();
    if (token.kind === "block entry") {
      this.#readContent("block", token, ["block entry", "block end"]);
    } else if (token.kind === "block end") {
      this.#closeWith();
    } else {
      this.#fail("did not find expected '-' indicator", token.start, top.mark);
    }
  }

  #readIndentlessItem(): void {
    const token = this.#peek();
    if (token.kind !== "block entry") return this.#close();
    this.#readContent("block", token, ["block entry", "key", "value", "block end"]);
  }

  #readBlockKey(top: OpenCollection): void {
    const token = this.#peek();
    if (token.kind === "key") {
      top.state = "block value";
      this.#readContent("block value", token, ["key", "value", "block end"]);
    } else if (token.kind === "block end") {
      this.#closeWith();
    } else {
      this.#fail("did not find expected key", token.start, top.mark);
    }
  }

  #readBlockValue(top: OpenCollection): void {
    const token = this.#peek();
    top.state = "block key";
    if (token.kind !== "value") return this.#addEmpty(token.start);
    this.#readContent("block value", token, ["key", "value", "block end"]);
  }

  #readFlowItem(top: OpenCollection): void {
    const token = this.#nextInFlow(top, "flow sequence end");
    if (token === undefined) return;
    top.state = "flow item";
    if (token.kind === "key") {
      const place = { mark: token.start, line: token.start.line };
      const pair = { kind: "mapping", state: "flow pair key", properties: noProperties } as const;
      this.#open.push({ ...pair, ...place, children: [] });
      this.#scanner.take();
    } else {
      this.#parseNode("flow");
    }
  }

  /** Where the key is missing the library passes a token too many, so that what follows is refused. */
  #readFlowPairKey(top: OpenCollection): void {
    const token = this.#peek();
    top.state = "flow pair value";
    if (!["value", "flow entry", "flow sequence end"].includes(token.kind)) {
      return this.#parseNode("flow");
    }
    this.#scanner.take();
    this.#addEmpty(token.end);
  }

  #readFlowPairValue(top: OpenCollection): void {
    const token = this.#peek();
    top.state = "flow pair end";
    if (token.kind !== "value") return this.#addEmpty(token.start);
    this.#readContent("flow", token, ["flow entry", "flow sequence end"]);
  }

  #readFlowKey(top: OpenCollection): void {
    const token = this.#nextInFlow(top, "flow mapping end");
    if (token === undefined) return;
    if (token.kind === "key") {
      top.state = "flow value";
      this.#readContent("flow", token, ["value", "flow entry", "flow mapping end"]);
    } else {
      top.state = "missing flow value";
      this.#parseNode("flow");
    }
  }

  #readFlowValue(top: OpenCollection): void {
    const token = this.#peek();
    top.state = "flow key";
    if (token.kind !== "value") return this.#addEmpty(token.start);
    this.#readContent("flow", token, ["flow entry", "flow mapping end"]);
  }

  /** The token that the next part of a flow collection starts with; undefined once it is closed, or on a problem. */
  #nextInFlow(top: OpenCollection, end: Kind): YamlToken | undefined {
    let token = this.#peek();
    if (token.kind !== end && !top.state.startsWith("first")) {
      if (token.kind !== "flow entry") {
        const bracket = end === "flow sequence end" ? "]" : "}";
        this.#fail(`did not find expected ',' or '${bracket}'`, token.start, top.mark);
        return undefined;
      }
      token = this.#next();
    }
    if (token.kind !== end) return token;
    this.#closeWith();
    return undefined;
  }

  /** Passes the indicator, and reads the node behind it, which is empty in front of certain tokens. */
  #readContent(context: Context, indicator: YamlToken, isEmptyBefore: readonly Kind[]): void {
    const { kind } = this.#next();
    if (isEmptyBefore.includes(kind)) this.#addEmpty(indicator.end);
    else this.#parseNode(context);
  }

  #addEmpty({ offset, line }: Mark, properties: NodeProperties = noProperties): void {
    const isPlain = properties.tag === undefined;
    this.#add({ kind: "scalar", text: "", isPlain, offset, end: offset, line, ...properties });
  }

  #add(node: YamlNode): void {
    const top = this.#open.at(-1);
    if (top === undefined) this.#root = node;
    else top.children.push(node);
  }

  /** Passes the token that closes the collection opened last. */
  #closeWith(): void {
    this.#scanner.take();
    this.#close();
  }

  #close(): void {
    const closed = this.#open.pop();
    if (closed === undefined) return;
    const { kind, children, properties, mark, line } = closed;
    this.#add({ kind, children, ...properties, offset: mark.offset, line });
  }

  /** The whole tag. */
  #resolveTag({ handle, suffix, start }: TagToken, context: Mark): string {
    if (handle === "") return suffix;
    const prefix = this.#prefixes.get(handle) ?? defaultPrefixes.get(handle);
    if (prefix === undefined) this.#fail("found undefined tag handle", start, context);
    return `${prefix ?? ""}${suffix}`;
  }

  #fail(problem: string, at: Mark, context: Mark): void {
    this.#problem ??= this.#scanner.problem ?? { by: "parser", problem, at, context };
  }
}

const defaultPrefixes: ReadonlyMap<string, string> = new Map([
  ["!", "!"],
  ["!!", coreTag],
]);

function problemOf(
  directive: DirectiveToken,
  hasVersion: boolean,
  prefixes: ReadonlyMap<string, string>,
): string | undefined {
  if (directive.kind === "tag directive") {
    return prefixes.has(directive.handle) ? "found duplicate %TAG directive" : undefined;
  }
  if (hasVersion) return "found duplicate %YAML directive";
  return directive.version === "1.1" ? undefined : "found incompatible YAML document";
}

/** The collection that a token opens there. */
function openingOf(
  kind: Kind,
  context: Context,
): Pick<OpenCollection, "kind" | "state"> | undefined {
  if (kind === "flow sequence") return { kind: "sequence", state: "first flow item" };
  if (kind === "flow mapping") return { kind: "mapping", state: "first flow key" };
  if (context === "flow") return undefined;
  if (kind === "block sequence") return { kind: "sequence", state: "block item" };
  if (kind === "block mapping") return { kind: "mapping", state: "block key" };
  if (kind === "block entry" && context === "block value") {
    return { kind: "sequence", state: "indentless item" };
  }
  return undefined;
}
