import { Pace, type Steps } from "../model/resumable.ts";
import { DocumentParser } from "./document-parser.ts";
import type { SyntaxProblem } from "./syntax-problem.ts";
import type { YamlLimits } from "./yaml-limits.ts";
import type { YamlNode } from "./yaml-node.ts";

/** A document's nodes, or why there are none. */
export interface ComposedDocument {
  /** Undefined for a text without content. */
  readonly root: YamlNode | undefined;
  readonly problem?: SyntaxProblem;
  /** Where it nests too deep. */
  readonly tooDeepAt?: number;
  /** Where something stands that is behind the document; only told when asked for. */
  readonly tailAt?: number;
}

/**
 * Returns the first document of a text, with the text's offsets at every node. Every scalar is left as it is written: what it
 * means is for the caller. Never throws; nesting is bounded before anything recursive sees it.
 *
 * @param wantsTail whether to look behind the document: the original does not
 */
export function* composeDocumentSteps(
  text: string,
  limits: YamlLimits,
  wantsTail: boolean,
): Steps<ComposedDocument> {
  const pace = new Pace();
  const parser = new DocumentParser(text);
  while (parser.step()) {
    if (parser.depth > limits.maxDepth) return { root: undefined, tooDeepAt: parser.openOffset };
    if (pace.isDue()) yield;
  }
  const { root, problem } = parser;
  if (problem !== undefined) return { root: undefined, problem };
  const tailAt = wantsTail ? parser.findTail() : undefined;
  return { root, ...(tailAt !== undefined && { tailAt }) };
}
