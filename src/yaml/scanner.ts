import { scanDirective, scanName, scanTag } from "./scan-name.ts";
import { scanBlockScalar, scanPlainScalar, scanQuotedScalar } from "./scan-scalar.ts";
import type { SyntaxProblem } from "./syntax-problem.ts";
import {
  END,
  isBlank,
  isBlankOrEnd,
  isBreak,
  isBreakOrEnd,
  type Mark,
  SPACE,
  TextCursor,
} from "./text-cursor.ts";
import type { ScalarStyle, SimpleKind, YamlToken } from "./yaml-token.ts";

/** How many characters a key without `?` may have in front of its colon. */
const maxKeyLength = 1_024;

/** A token that turns out to start a key when a colon follows. */
interface PossibleKey {
  readonly mark: Mark;
  /** Whether it stands where only a key can stand. */
  readonly isRequired: boolean;
}

/** A level of brackets; the outermost is outside of all. */
interface Level {
  /** The number of the token that was last taken for a possible key, or of the bracket; counted over the whole text. */
  number: number;
  key: PossibleKey | undefined;
}

const [HASH, PERCENT, COMMA, DASH, QUESTION_MARK, COLON] = [0x23, 0x25, 0x2c, 0x2d, 0x3f, 0x3a];
const [ASTERISK, AMPERSAND, EXCLAMATION_MARK, BAR, GREATER_THAN] = [0x2a, 0x26, 0x21, 0x7c, 0x3e];
const [SINGLE_QUOTE, DOUBLE_QUOTE] = [0x27, 0x22];

const brackets: ReadonlyMap<number, SimpleKind> = new Map([
  [0x5b, "flow sequence"],
  [0x7b, "flow mapping"],
  [0x5d, "flow sequence end"],
  [0x7d, "flow mapping end"],
]);

const missingColon = "could not find expected ':'";

/** What no plain scalar may start with; `-`, `?` and `:` depend on what follows. */
const indicators = new Set(Array.from("-?:,[]{}#&*!|>'\"%@`", (text) => text.charCodeAt(0)));

function isSpace(code: number): boolean {
  return code === SPACE;
}

/**
 * The tokens of a text, by the rules of libyaml's scanner: what is a key shows only when its colon is found, so tokens
 * are kept back while their first may be one. What comes after the first problem has no meaning.
 */
export class Scanner {
  readonly #cursor: TextCursor;
  #queue: YamlToken[] = [];
  #head = 0;
  /** How many tokens were handed out. */
  #taken = 0;
  readonly #indents: number[] = [];
  #indent = -1;
  /** Whether a key may start here without `?`. */
  #allowsKey = true;
  readonly #levels: Level[] = [{ number: -1, key: undefined }];
  /** The levels whose possible keys are waited for, by the tokens' numbers. */
  readonly #awaited = new Map<number, Level>();
  problem: SyntaxProblem | undefined;

  constructor(text: string) {
    this.#cursor = new TextCursor(text);
    this.#cursor.skipByteOrderMark();
  }

  /** The next token, which stays the next; without meaning once there is a problem. */
  peek(): YamlToken {
    while (this.problem === undefined && this.#needsMore()) this.#fetch();
    return this.#queue[this.#head] ?? this.#tokenHere("stream end");
  }

  /** Hands the next token out. */
  take(): void {
    this.#head += 1;
    this.#taken += 1;
    if (this.#head < this.#queue.length) return;
    this.#queue = [];
    this.#head = 0;
  }

  /** Returns whether the queue is empty, or its first token may still turn out to be a key. */
  #needsMore(): boolean {
    if (this.#head >= this.#queue.length) return true;
    const level = this.#awaited.get(this.#taken);
    return level !== undefined && this.#possibleKey(level) !== undefined;
  }

  #fetch(): void {
    this.#skipToToken();
    this.#unrollIndent(this.#cursor.column);
    const code = this.#cursor.code();
    if (code === END) this.#fetchEnd();
    else if (!this.#fetchLineStart() && !this.#fetchIndicator(code)) this.#fetchContent(code);
  }

  #skipToToken(): void {
    const cursor = this.#cursor;
    for (;;) {
      cursor.readWhile(this.#isInFlow || !this.#allowsKey ? isBlank : isSpace);
      if (cursor.code() === HASH) cursor.readWhile((code) => !isBreakOrEnd(code));
      if (!isBreak(cursor.code())) return;
      cursor.readBreak();
      if (!this.#isInFlow) this.#allowsKey = true;
    }
  }

  /** The end closes what is open, and ends a line that has begun. */
  #fetchEnd(): void {
    this.#cursor.endLine();
    this.#unrollIndent(-1);
    this.#dropKey();
    this.#allowsKey = false;
    this.#queue.push(this.#tokenHere("stream end"));
  }

  /** Directives and document marks, which stand at the start of a line only. */
  #fetchLineStart(): boolean {
    const cursor = this.#cursor;
    if (cursor.column !== 0) return false;
    const isDirective = cursor.code() === PERCENT;
    if (!isDirective && !cursor.isAtDocumentMark()) return false;
    this.#unrollIndent(-1);
    this.#dropKey();
    this.#allowsKey = false;
    const start = cursor.mark;
    if (!isDirective) {
      this.#pushIndicator(cursor.startsWith("-") ? "document start" : "document end", 3);
      return true;
    }
    const scanned = scanDirective(cursor);
    if ("problem" in scanned) this.#fail(scanned.problem, start);
    else this.#queue.push({ ...scanned, start, end: cursor.mark });
    return true;
  }

  #fetchIndicator(code: number): boolean {
    const bracket = brackets.get(code);
    const isFollowed = isBlankOrEnd(this.#cursor.code(1));
    if (bracket !== undefined) this.#fetchBracket(bracket);
    else if (code === COMMA) this.#fetchComma();
    else if (code === DASH && isFollowed) this.#fetchItem();
    else if (code === QUESTION_MARK && (this.#isInFlow || isFollowed)) this.#fetchKey();
    else if (code === COLON && (this.#isInFlow || isFollowed)) this.#fetchValue();
    else return false;
    return true;
  }

  #fetchBracket(kind: SimpleKind): void {
    if (kind === "flow sequence" || kind === "flow mapping") {
      this.#saveKey();
      this.#levels.push({ number: this.#nextNumber, key: undefined });
      this.#allowsKey = true;
    } else {
      this.#dropKey();
      this.#closeLevel();
      this.#allowsKey = false;
    }
    this.#pushIndicator(kind, 1);
  }

  #fetchComma(): void {
    this.#dropKey();
    this.#allowsKey = true;
    this.#pushIndicator("flow entry", 1);
  }

  #fetchItem(): void {
    const problem = "block sequence entries are not allowed in this context";
    if (!this.#startsInBlock("block sequence", problem)) return;
    this.#dropKey();
    this.#allowsKey = true;
    this.#pushIndicator("block entry", 1);
  }

  #fetchKey(): void {
    const problem = "mapping keys are not allowed in this context";
    if (!this.#startsInBlock("block mapping", problem)) return;
    this.#dropKey();
    this.#allowsKey = !this.#isInFlow;
    this.#pushIndicator("key", 1);
  }

  #fetchValue(): void {
    const level = this.#level;
    const key = this.#possibleKey(level);
    if (this.problem !== undefined) return;
    if (key === undefined) {
      const problem = "mapping values are not allowed in this context";
      if (!this.#startsInBlock("block mapping", problem)) return;
      this.#allowsKey = !this.#isInFlow;
    } else {
      const { mark } = key;
      this.#insert({ kind: "key", start: mark, end: mark }, level.number);
      this.#rollIndent("block mapping", mark, level.number);
      this.#giveUp(level);
      this.#allowsKey = false;
    }
    this.#pushIndicator("value", 1);
  }

  /** Returns whether the indicator may stand here; outside of brackets it starts a collection where it stands further in. */
  #startsInBlock(kind: "block sequence" | "block mapping", problem: string): boolean {
    if (this.#isInFlow) return true;
    if (!this.#allowsKey) {
      this.#fail(problem, this.#cursor.mark);
      return false;
    }
    this.#rollIndent(kind, this.#cursor.mark, undefined);
    return true;
  }

  #fetchContent(code: number): void {
    if (code === ASTERISK || code === AMPERSAND) {
      this.#fetchName(code === ASTERISK ? "alias" : "anchor");
    } else if (code === EXCLAMATION_MARK) {
      this.#fetchTag();
    } else if (code === SINGLE_QUOTE || code === DOUBLE_QUOTE) {
      this.#fetchQuoted(code);
    } else if ((code === BAR || code === GREATER_THAN) && !this.#isInFlow) {
      this.#fetchBlockScalar();
    } else if (this.#isPlainStart(code)) {
      this.#fetchPlain();
    } else {
      this.#fail("found character that cannot start any token", this.#cursor.mark);
    }
  }

  /** `-` may start a plain scalar in front of anything but a blank, `?` and `:` outside of brackets. */
  #isPlainStart(code: number): boolean {
    if (!indicators.has(code) && !isBlankOrEnd(code)) return true;
    if (code === DASH) return !isBlank(this.#cursor.code(1));
    const isMark = code === QUESTION_MARK || code === COLON;
    return isMark && !this.#isInFlow && !isBlankOrEnd(this.#cursor.code(1));
  }

  #fetchName(kind: "alias" | "anchor"): void {
    const start = this.#startContent();
    const scanned = scanName(this.#cursor);
    if ("problem" in scanned) this.#fail(scanned.problem, start);
    else this.#queue.push({ kind, name: scanned.name, start, end: this.#cursor.mark });
  }

  #fetchTag(): void {
    const start = this.#startContent();
    const scanned = scanTag(this.#cursor);
    if ("problem" in scanned) this.#fail(scanned.problem, start);
    else this.#queue.push({ kind: "tag", ...scanned, start, end: this.#cursor.mark });
  }

  #fetchQuoted(quote: number): void {
    const start = this.#startContent();
    const scanned = scanQuotedScalar(this.#cursor);
    this.#pushScalar(scanned, quote === SINGLE_QUOTE ? "single" : "double", start);
  }

  #fetchBlockScalar(): void {
    this.#dropKey();
    this.#allowsKey = true;
    const start = this.#cursor.mark;
    this.#pushScalar(scanBlockScalar(this.#cursor, this.#indent), "block", start);
  }

  #fetchPlain(): void {
    const start = this.#startContent();
    const scanned = scanPlainScalar(this.#cursor, this.#indent + 1, this.#isInFlow);
    if (!("problem" in scanned) && scanned.endsLine) this.#allowsKey = true;
    this.#pushScalar(scanned, "plain", start);
  }

  /** What may be a key begins here, and none can begin behind it. */
  #startContent(): Mark {
    this.#saveKey();
    this.#allowsKey = false;
    return this.#cursor.mark;
  }

  #pushScalar(
    scanned: { readonly value: string; readonly end?: Mark } | { readonly problem: string },
    style: ScalarStyle,
    start: Mark,
  ): void {
    if ("problem" in scanned) {
      this.#fail(scanned.problem, start);
      return;
    }
    const { value, end = this.#cursor.mark } = scanned;
    this.#queue.push({ kind: "scalar", value, style, start, end });
  }

  #pushIndicator(kind: SimpleKind, length: number): void {
    const start = this.#cursor.mark;
    for (let i = 0; i < length; i++) this.#cursor.skip();
    this.#queue.push({ kind, start, end: this.#cursor.mark });
  }

  #tokenHere(kind: SimpleKind): YamlToken {
    const { mark } = this.#cursor;
    return { kind, start: mark, end: mark };
  }

  get #isInFlow(): boolean {
    return this.#levels.length > 1;
  }

  get #level(): Level {
    return this.#levels.at(-1) ?? { number: -1, key: undefined };
  }

  /** The number of the token that is queued next. */
  get #nextNumber(): number {
    return this.#taken + this.#queue.length - this.#head;
  }

  /** The key that a colon here would end, if there is one; reports a line that had to be one and is none. */
  #possibleKey(level: Level): PossibleKey | undefined {
    const { key } = level;
    if (key === undefined) return undefined;
    const { line, index } = this.#cursor;
    if (key.mark.line === line && index <= key.mark.index + maxKeyLength) return key;
    level.key = undefined;
    if (key.isRequired) this.#fail(missingColon, key.mark);
    return undefined;
  }

  #saveKey(): void {
    if (!this.#allowsKey) return;
    this.#dropKey();
    const level = this.#level;
    const isRequired = !this.#isInFlow && this.#indent === this.#cursor.column;
    level.key = { mark: this.#cursor.mark, isRequired };
    level.number = this.#nextNumber;
    this.#awaited.set(level.number, level);
  }

  /** No colon can follow any more. */
  #dropKey(): void {
    const level = this.#level;
    const { key } = level;
    if (key === undefined) return;
    this.#giveUp(level);
    if (key.isRequired) this.#fail(missingColon, key.mark);
  }

  #giveUp(level: Level): void {
    level.key = undefined;
    this.#awaited.delete(level.number);
  }

  /**
   * The library waits no longer for a colon behind empty brackets: their level has the number of the bracket itself. It
   * reads `{}: a` as `{}`, and what follows as something else.
   */
  #closeLevel(): void {
    if (!this.#isInFlow) return;
    const { number } = this.#level;
    this.#levels.pop();
    this.#awaited.delete(number);
  }

  /** Opens a collection of the block style where its first token stands further in than what it is in. */
  #rollIndent(kind: SimpleKind, mark: Mark, number: number | undefined): void {
    if (this.#isInFlow || this.#indent >= mark.column) return;
    this.#indents.push(this.#indent);
    this.#indent = mark.column;
    this.#insert({ kind, start: mark, end: mark }, number);
  }

  /** Closes the collections that stand further in than the column. */
  #unrollIndent(column: number): void {
    if (this.#isInFlow) return;
    while (this.#indent > column) {
      this.#queue.push(this.#tokenHere("block end"));
      this.#indent = this.#indents.pop() ?? -1;
    }
  }

  /** Puts the token in front of the one of that number; behind all where that one was handed out. */
  #insert(token: YamlToken, number: number | undefined): void {
    const ahead = number === undefined ? -1 : number - this.#taken;
    if (ahead < 0) this.#queue.push(token);
    else this.#queue.splice(this.#head + ahead, 0, token);
  }

  /** The first problem counts: what is found after it has no meaning. */
  #fail(problem: string, context: Mark): void {
    this.problem ??= { by: "scanner", problem, at: this.#cursor.mark, context };
  }
}
