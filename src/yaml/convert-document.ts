import type { JsonValue } from "../model/json.ts";
import { noText, type OriginalText, type YamlFault, type YamlStage } from "../model/yaml-fault.ts";
import { formatDecoded } from "./go-syntax.ts";
import { addMember, type Entry, lateFaults, type Members } from "./map-members.ts";
import { type ReportFault, readScalar, type YamlDialect } from "./read-scalar.ts";
import type { ScalarValue } from "./resolve-scalar.ts";
import type { Place } from "./source-offsets.ts";
import type { YamlLimits } from "./yaml-limits.ts";
import type { AliasNode, MappingNode, SequenceNode, YamlNode } from "./yaml-node.ts";

/** The options of making a value of a document's nodes. */
export interface ConversionOptions {
  readonly dialect: YamlDialect;
  readonly limits: YamlLimits;
  /** Whether a repeated key is a fault, or the last one wins in silence. */
  readonly uniqueKeys: boolean;
}

/** A node as a value. */
export interface Converted {
  readonly value: JsonValue;
  readonly place: Place;
  /** What a scalar is as a mapping key; absent for collections. */
  readonly scalar?: ScalarValue;
  /** A mapping's members with their keys' types, for merges. */
  readonly entries?: readonly Entry[];
  /** How many nodes it has, aliases followed. */
  readonly size: number;
  /** How many levels it has, aliases followed; 1 for a scalar. */
  readonly height: number;
  /** What keeps it from becoming JSON, unless it is replaced before. */
  readonly late: readonly YamlFault[];
}

/**
 * Returns the value of composed nodes. Aliases share the value they name, so no alias costs memory; what they add up to is
 * counted against `limits.maxAliasedNodes`. Faults go to `report`, and the value is then worth nothing.
 */
export function convertDocument(
  root: YamlNode,
  options: ConversionOptions,
  report: ReportFault,
): Converted {
  const converted = new Conversion(options, report).node(root, 1);
  for (const fault of new Set(converted.late)) report(fault);
  return converted;
}

const mergeText: OriginalText = () =>
  "yaml: map merge requires map or sequence of maps as the value";

const noFaults: readonly YamlFault[] = [];

class Conversion {
  readonly #options: ConversionOptions;
  readonly #report: ReportFault;
  /** What every anchor seen so far names; undefined while its node is still being read. */
  readonly #anchors = new Map<string, Converted | undefined>();
  #aliasedNodes = 0;

  constructor(options: ConversionOptions, report: ReportFault) {
    this.#options = options;
    this.#report = report;
  }

  /** A node that is a value, which has to be expressible in JSON; keys may be infinite. */
  node(node: YamlNode, depth: number): Converted {
    const converted = this.#keyOrValue(node, depth);
    const { value } = converted;
    if (typeof value !== "number" || Number.isFinite(value)) return converted;
    return { ...converted, late: [notFinite(value, node.offset)] };
  }

  #keyOrValue(node: YamlNode, depth: number): Converted {
    if (node.kind === "alias") return this.#alias(node, depth);
    const { anchor } = node;
    if (anchor !== undefined) this.#anchors.set(anchor, undefined);
    const converted = this.#content(node, depth);
    if (anchor !== undefined) this.#anchors.set(anchor, converted);
    return converted;
  }

  #content(node: Exclude<YamlNode, AliasNode>, depth: number): Converted {
    if (node.kind === "mapping") return this.#map(node, depth);
    if (node.kind === "sequence") return this.#list(node, depth);
    const scalar = readScalar(node, this.#options.dialect, this.#report);
    const { value } = scalar;
    const place = { offset: node.offset };
    return { value, place, scalar, size: 1, height: 1, late: noFaults };
  }

  #alias({ name, offset }: AliasNode, depth: number): Converted {
    const nothing: Converted = {
      value: null,
      place: { offset },
      size: 1,
      height: 1,
      late: noFaults,
    };
    const target = this.#anchors.get(name);
    if (target === undefined) {
      const originalText = (): string => `yaml: anchor '${name}' value contains itself`;
      this.#fault("decode", `\`*${name}\` is inside what it names`, offset, originalText);
      return nothing;
    }
    if (!this.#affords(target.size, offset)) return nothing;
    const { maxDepth } = this.#options.limits;
    if (depth + target.height - 1 > maxDepth) {
      this.#limit(`nested deeper than ${maxDepth} levels`, offset);
      return nothing;
    }
    return { ...target, place: { ...target.place, offset } };
  }

  /** Returns whether the limit allows so many more nodes by aliases; says so once when it does not. */
  #affords(nodes: number, offset: number): boolean {
    const { maxAliasedNodes } = this.#options.limits;
    if (this.#aliasedNodes > maxAliasedNodes) return false;
    this.#aliasedNodes += nodes;
    if (this.#aliasedNodes <= maxAliasedNodes) return true;
    this.#limit(`aliases repeat more than ${maxAliasedNodes} nodes`, offset);
    return false;
  }

  #list({ children, offset }: SequenceNode, depth: number): Converted {
    const items = children.map((item) => this.node(item, depth + 1));
    return {
      value: items.map(({ value }) => value),
      place: { offset, items: items.map(({ place }) => place) },
      size: items.reduce((total, { size }) => total + size, 1),
      height: items.reduce((highest, { height }) => Math.max(highest, height), 0) + 1,
      late: items.flatMap(({ late }) => late),
    };
  }

  #map({ children, offset }: MappingNode, depth: number): Converted {
    const members: Members = { object: {}, places: new Map(), entries: new Map() };
    let size = 1;
    let height = 0;
    for (let i = 0; i < children.length; i += 2) {
      const [key, content] = children.slice(i, i + 2);
      if (key === undefined || content === undefined) break;
      if (this.#isMerge(key)) {
        for (const source of this.#mergeSources(content, depth + 1)) {
          size += source.size;
          height = Math.max(height, source.height - 1);
          this.#merge(members, source, key.offset);
        }
        continue;
      }
      const name = this.#keyOrValue(key, depth + 1);
      const value = this.node(content, depth + 1);
      size += value.size + 1;
      height = Math.max(height, value.height);
      this.#add(members, name, key.offset, value, content.line);
    }
    const place = { offset, members: members.places };
    const entries = [...members.entries.values()];
    const late = lateFaults(members);
    return { value: members.object, place, entries, size, height: height + 1, late };
  }

  /** Only an unquoted `<<` merges, and nothing does in JSON. */
  #isMerge(key: YamlNode): boolean {
    if (this.#options.dialect === "json" || key.kind !== "scalar" || key.text !== "<<") {
      return false;
    }
    return key.isPlain || key.tag === "tag:yaml.org,2002:merge";
  }

  #add(
    members: Members,
    key: Converted,
    offset: number,
    { value, place, late }: Converted,
    valueLine: number,
  ): void {
    if (key.scalar === undefined) {
      this.#invalidKey(key, offset);
      return;
    }
    this.#addEntry(members, { key: key.scalar, offset, valueLine, value, place, late });
  }

  #addEntry(members: Members, entry: Entry): void {
    const fault = addMember(members, entry, this.#options.uniqueKeys);
    if (fault !== undefined) this.#report(fault);
  }

  #merge(members: Members, { entries, size }: Converted, offset: number): void {
    if (entries === undefined) {
      this.#fault("decode", "`<<` needs a mapping or a list of mappings", offset, mergeText);
      return;
    }
    if (!this.#affords(size, offset)) return;
    for (const entry of entries) this.#addEntry(members, entry);
  }

  /** What `<<` merges, in the order it is merged: the original takes a list from its end. */
  #mergeSources(value: YamlNode, depth: number): readonly Converted[] {
    if (value.kind !== "sequence") return [this.node(value, depth)];
    return value.children.map((item) => this.node(item, depth + 1)).toReversed();
  }

  #invalidKey(key: Converted, offset: number): void {
    const originalText = (): string => `yaml: invalid map key: ${formatDecoded(key.value)}`;
    this.#fault("decode", "a collection cannot be a key", offset, originalText);
  }

  #limit(message: string, offset: number): void {
    this.#report({
      code: "POLICY_ALIAS_LIMIT",
      stage: "ours",
      message,
      offset,
      originalText: noText,
    });
  }

  #fault(stage: YamlStage, message: string, offset: number, originalText: OriginalText): void {
    const fault: YamlFault = { code: "POLICY_YAML", stage, message, offset, originalText };
    this.#report(fault);
  }
}

function notFinite(value: number, offset: number): YamlFault {
  const text = Number.isNaN(value) ? "NaN" : value > 0 ? "+Inf" : "-Inf";
  const message = "infinities and not-a-number cannot be values";
  const originalText = (): string => `json: unsupported value: ${text}`;
  return { code: "POLICY_YAML", stage: "number", message, offset, originalText };
}
