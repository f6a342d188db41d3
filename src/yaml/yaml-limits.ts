/** Bounds on what reading one YAML text may cost; what goes beyond is refused, never cut short. */
export interface YamlLimits {
  /** How long one document may be, in UTF-16 code units. */
  readonly maxLength: number;
  /** How deep collections may nest, aliases followed. */
  readonly maxDepth: number;
  /** How many nodes aliases and merges may add to those that are written out. */
  readonly maxAliasedNodes: number;
}

/** The bounds for policy files unless an option says otherwise. */
export const defaultYamlLimits: YamlLimits = {
  maxLength: 4_194_304,
  maxDepth: 256,
  maxAliasedNodes: 100_000,
};

/** The bounds for YAML inside requests: hostile text of this length takes less than a tenth of a second. */
export const defaultYamlValueLimits: YamlLimits = {
  maxLength: 65_536,
  maxDepth: 256,
  maxAliasedNodes: 10_000,
};
