import type { ComposedDocument } from "./compose-document.ts";
import type { YamlLimits } from "./yaml-limits.ts";
import type { MappingNode, SequenceNode, YamlNode } from "./yaml-node.ts";

/** Brackets, strings and other scalars; what stands between them tells nothing of a text that is JSON. */
const part = /[[\]{}]|"(?:[^"\\]|\\.)*"|[^\s[\]{},:"]+/g;

const place = { line: 0, anchor: undefined, tag: undefined };

/** Returns the nodes of a text that is known to be JSON, with the text's offsets; scalars hold their source. */
export function composeJson(text: string, limits: YamlLimits): ComposedDocument {
  const open: ((MappingNode | SequenceNode) & { readonly children: YamlNode[] })[] = [];
  let root: YamlNode | undefined;
  const add = (node: YamlNode): void => {
    const top = open.at(-1);
    if (top === undefined) root = node;
    else top.children.push(node);
  };
  for (const { 0: source, index: offset } of text.matchAll(part)) {
    if (source === "{" || source === "[") {
      const kind = source === "{" ? "mapping" : "sequence";
      const collection: (typeof open)[number] = { kind, offset, children: [], ...place };
      if (open.length === limits.maxDepth) return { root: undefined, tooDeepAt: offset };
      add(collection);
      open.push(collection);
    } else if (source === "}" || source === "]") {
      open.pop();
    } else {
      const end = offset + source.length;
      add({ kind: "scalar", text: source, isPlain: false, offset, end, ...place });
    }
  }
  return { root };
}
