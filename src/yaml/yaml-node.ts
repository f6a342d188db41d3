/** A part of a document as it was written. */
export type YamlNode = ScalarNode | SequenceNode | MappingNode | AliasNode;

interface NodePlace {
  /** Where its content starts, in UTF-16 code units. */
  readonly offset: number;
  /** The line where it starts, with anchor and tag, counted from 0. */
  readonly line: number;
}

/** The properties in front of a node's content. */
export interface NodeProperties {
  readonly anchor: string | undefined;
  /** The whole tag: `tag:yaml.org,2002:str` for `!!str`, `!` for the one that says nothing. */
  readonly tag: string | undefined;
}

export interface ScalarNode extends NodePlace, NodeProperties {
  readonly kind: "scalar";
  /** What is written, quotes and line breaks resolved. */
  readonly text: string;
  /** Whether the text says what type it is of: no quotes, no tag or `!`. */
  readonly isPlain: boolean;
  /** Where it ends. */
  readonly end: number;
}

export interface SequenceNode extends NodePlace, NodeProperties {
  readonly kind: "sequence";
  readonly children: readonly YamlNode[];
}

export interface MappingNode extends NodePlace, NodeProperties {
  readonly kind: "mapping";
  /** Keys and values in turn. */
  readonly children: readonly YamlNode[];
}

/** `*name`. */
export interface AliasNode extends NodePlace {
  readonly kind: "alias";
  readonly name: string;
}
