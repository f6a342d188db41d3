import {
  elementAt,
  memberAt,
  type NoteRead,
  noteSeen,
  type Whereabouts,
} from "../../jmespath/compile/expression-reads.ts";
import type { ParsedExpression } from "../../jmespath/syntax/parsed-expression.ts";
import type { MapEntry, TreeNode } from "./tree-node.ts";

/** The surroundings of reading trees. */
export interface TreeReading {
  readonly note: NoteRead;
  /** Notes what the expression sees of a value that stands there, and returns where its result stands. */
  readonly readExpression: (expression: ParsedExpression, at: Whereabouts) => Whereabouts;
}

/**
 * Notes all that the tree may see of a value that stands at `at`. Only keys are followed, and `~` over what was read from
 * JSON: a leaf, an array, a binding and any other `~` see the whole value.
 *
 * A key over what is no object hands that down as it is; it stands on the way to the part that is noted, and so is
 * kept.
 */
export function readTree(tree: TreeNode, at: Whereabouts, reading: TreeReading): void {
  switch (tree.kind) {
    case "too-deep":
      reading.note([]);
      reading.note(at);
      return;
    case "literal":
      reading.note(at);
      return;
    case "expression":
      reading.note(at);
      reading.note(reading.readExpression(tree.expression, at));
      return;
    case "list":
      reading.note(at);
      for (const item of tree.items) readTree(item, undefined, reading);
      return;
    case "map":
      for (const entry of tree.entries) readTree(entry.child, readKey(entry, at, reading), reading);
  }
}

/** Returns where the value stands that the key hands to its child. */
function readKey({ text, key }: MapEntry, at: Whereabouts, reading: TreeReading): Whereabouts {
  if (key === undefined) return memberAt(at, text);
  const result =
    key.expression === undefined
      ? memberAt(at, key.statement)
      : reading.readExpression(key.expression, at);
  if (key.bindingName === undefined) {
    if (!key.isForeach) return result;
    const element = elementAt(result);
    if (element !== undefined) {
      noteSeen(element, reading.note);
      return element;
    }
  }
  reading.note(result);
  return undefined;
}
