import {
  elementAt,
  memberAt,
  type NoteRead,
  noteSeen,
  type Whereabouts,
} from "../../jmespath/compile/expression-reads.ts";
import type { JsonValue } from "../../model/json.ts";
import { parseKey } from "./parse-key.ts";

/** What the reading of trees needs from outside. */
export interface TreeReading {
  readonly note: NoteRead;
  /** Notes what the expression sees of a value that stands there, and returns where its result stands. */
  readonly readStatement: (statement: string, at: Whereabouts) => Whereabouts;
  /** How deep trees are evaluated. */
  readonly maxDepth: number;
}

/**
 * Notes all that the tree may see of a value that stands at `at`. Only keys are followed, and `~` over what was read from
 * JSON: a leaf, an array, a binding and any other `~` see the whole value.
 *
 * A key over what is no object hands that down as it is; it stands on the way to the part that is noted, and so is
 * kept.
 */
export function readTree(
  tree: JsonValue,
  at: Whereabouts,
  reading: TreeReading,
  depth: number = 1,
): void {
  if (depth > reading.maxDepth) {
    reading.note([]);
    reading.note(at);
  } else if (typeof tree !== "object" || tree === null) {
    readLeaf(tree, at, reading);
  } else if (Array.isArray(tree)) {
    reading.note(at);
    for (const item of tree) readTree(item, undefined, reading, depth + 1);
  } else {
    for (const [key, child] of Object.entries(tree)) {
      readTree(child, readKey(key, at, reading), reading, depth + 1);
    }
  }
}

function readLeaf(leaf: JsonValue, at: Whereabouts, reading: TreeReading): void {
  reading.note(at);
  const key = typeof leaf === "string" ? parseKey(leaf) : undefined;
  if (key?.isExpression === true) reading.note(reading.readStatement(key.statement, at));
}

/** Where the value stands that the key hands to its child. */
function readKey(text: string, at: Whereabouts, reading: TreeReading): Whereabouts {
  const key = parseKey(text);
  if (key === undefined) return memberAt(at, text);
  const result = key.isExpression
    ? reading.readStatement(key.statement, at)
    : memberAt(at, key.statement);
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
