/** A fault in the text of a CEL expression, thrown by lexer and parser and caught where an expression is read. */
export class CelSyntaxError extends Error {
  /** Offset of the fault in the text, in UTF-16 code units. */
  readonly offset: number;

  constructor(message: string, offset: number) {
    super(message);
    this.name = "CelSyntaxError";
    this.offset = offset;
  }
}
