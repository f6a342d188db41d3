import {
  type Alias,
  isAlias,
  isMap,
  isScalar,
  isSeq,
  type Pair,
  type ParsedNode,
  type YAMLMap,
  type YAMLSeq,
} from "yaml";
import type { JsonValue } from "../model/json.ts";
import { formatDecoded } from "./go-syntax.ts";
import { parserText, scannerText } from "./go-text.ts";
import { addMember, type Entry, type Members } from "./map-members.ts";
import type { Place } from "./place.ts";
import { type ReportFault, readScalar, type YamlDialect } from "./read-scalar.ts";
import type { ScalarValue } from "./resolve-scalar.ts";
import { noText, type OriginalText, type YamlFault, type YamlStage } from "./yaml-fault.ts";
import type { YamlLimits } from "./yaml-limits.ts";

/** How a document's nodes become a value. */
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
}

/**
 * The value of composed nodes. Aliases share the value they name, so no alias costs memory; what they add up to is
 * counted against `limits.maxAliasedNodes`. Faults go to `report`, and the value is then worth nothing.
 *
 * @param text the text the nodes were composed from, its line breaks as written
 */
export function convertDocument(
  contents: ParsedNode,
  text: string,
  options: ConversionOptions,
  report: ReportFault,
): Converted {
  return new Conversion(text, options, report).node(contents, 1);
}

const mergeText: OriginalText = () =>
  "yaml: map merge requires map or sequence of maps as the value";

type ParsedPair = Pair<ParsedNode, ParsedNode | null>;

class Conversion {
  readonly #text: string;
  readonly #options: ConversionOptions;
  readonly #report: ReportFault;
  /** What every anchor seen so far names; undefined while its node is still being read. */
  readonly #anchors = new Map<string, Converted | undefined>();
  #aliasedNodes = 0;

  constructor(text: string, options: ConversionOptions, report: ReportFault) {
    this.#text = text;
    this.#options = options;
    this.#report = report;
  }

  /** A node that is a value, which has to be expressible in JSON; keys may be infinite. */
  node(node: ParsedNode, depth: number): Converted {
    const converted = this.#keyOrValue(node, depth);
    const { value } = converted;
    if (typeof value === "number" && !Number.isFinite(value)) this.#notFinite(value, node.range[0]);
    return converted;
  }

  #keyOrValue(node: ParsedNode, depth: number): Converted {
    if (isAlias(node)) return this.#alias(node, depth);
    const { anchor } = node;
    if (anchor !== undefined) this.#openAnchor(anchor, node.range[0]);
    const converted = this.#content(node, depth);
    if (anchor !== undefined) this.#anchors.set(anchor, converted);
    return converted;
  }

  #content(node: Exclude<ParsedNode, Alias.Parsed>, depth: number): Converted {
    if (isMap(node)) return this.#map(node, depth);
    if (isSeq(node)) return this.#list(node, depth);
    const scalar = readScalar(node, this.#text, this.#options.dialect, this.#report);
    const { value } = scalar;
    return { value, place: { offset: node.range[0] }, scalar, size: 1, height: 1 };
  }

  #openAnchor(name: string, offset: number): void {
    if (!/^[0-9A-Za-z_-]+$/.test(name)) {
      const problem = "did not find expected alphabetic or numeric character";
      const originalText = (): string => scannerText(this.#text, offset, problem);
      this.#fault("syntax", `\`&${name}\` is no anchor of YAML 1.1`, offset, originalText);
    }
    this.#anchors.set(name, undefined);
  }

  #alias(alias: Alias.Parsed, depth: number): Converted {
    const { source: name } = alias;
    const offset = alias.range[0];
    const nothing: Converted = { value: null, place: { offset }, size: 1, height: 1 };
    if (!this.#anchors.has(name)) {
      const originalText = (): string => `yaml: unknown anchor '${name}' referenced`;
      this.#fault("syntax", `there is no anchor \`&${name}\` above`, offset, originalText);
      return nothing;
    }
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

  /** Whether the limit allows so many more nodes by aliases; says so once when it does not. */
  #affords(nodes: number, offset: number): boolean {
    const { maxAliasedNodes } = this.#options.limits;
    if (this.#aliasedNodes > maxAliasedNodes) return false;
    this.#aliasedNodes += nodes;
    if (this.#aliasedNodes <= maxAliasedNodes) return true;
    this.#limit(`aliases repeat more than ${maxAliasedNodes} nodes`, offset);
    return false;
  }

  #list(list: YAMLSeq.Parsed, depth: number): Converted {
    const values: JsonValue[] = [];
    const places: Place[] = [];
    let size = 1;
    let height = 0;
    for (const item of list.items) {
      const converted = this.node(item, depth + 1);
      values.push(converted.value);
      places.push(converted.place);
      size += converted.size;
      height = Math.max(height, converted.height);
    }
    const place = { offset: list.range[0], items: places };
    return { value: values, place, size, height: height + 1 };
  }

  #map(map: YAMLMap.Parsed, depth: number): Converted {
    const members: Members = { object: {}, places: new Map(), entries: new Map() };
    let size = 1;
    let height = 0;
    for (const pair of map.items) {
      if (this.#isMerge(pair.key)) {
        for (const source of this.#mergeSources(pair.value, depth + 1)) {
          size += source.size;
          height = Math.max(height, source.height - 1);
          this.#merge(members, source, pair.key.range[0]);
        }
        continue;
      }
      if (map.flow !== true && isMissingKey(pair)) this.#missingKey(pair.key.range[0]);
      const key = this.#keyOrValue(pair.key, depth + 1);
      const value = this.#member(pair, depth + 1);
      size += value.size + 1;
      height = Math.max(height, value.height);
      this.#add(members, key, value, pair);
    }
    const place = { offset: map.range[0], members: members.places };
    const entries = [...members.entries.values()];
    return { value: members.object, place, entries, size, height: height + 1 };
  }

  /** Only an unquoted `<<` merges, and nothing does in JSON. */
  #isMerge(key: ParsedNode): boolean {
    if (this.#options.dialect === "json" || isAlias(key) || isMap(key) || isSeq(key)) return false;
    return (
      key.value === "<<" &&
      (key.tag === "tag:yaml.org,2002:merge" || (key.type === "PLAIN" && key.tag === undefined))
    );
  }

  #member({ key, value }: ParsedPair, depth: number): Converted {
    if (value !== null) return this.node(value, depth);
    return { value: null, place: { offset: key.range[1] }, size: 1, height: 1 };
  }

  #add(members: Members, key: Converted, value: Converted, pair: ParsedPair): void {
    const offset = pair.key.range[0];
    if (key.scalar === undefined) {
      this.#invalidKey(key, offset);
      return;
    }
    const valueOffset = pair.value?.range[0] ?? pair.key.range[1];
    const entry = { key: key.scalar, offset, valueOffset, value: value.value, place: value.place };
    this.#addEntry(members, entry);
  }

  #addEntry(members: Members, entry: Entry): void {
    const fault = addMember(members, entry, this.#text, this.#options.uniqueKeys);
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
  #mergeSources(value: ParsedNode | null, depth: number): readonly Converted[] {
    if (value === null) return [{ value: null, place: { offset: 0 }, size: 1, height: 1 }];
    if (!isSeq(value)) return [this.node(value, depth)];
    const items = value.items.map((item) => this.node(item, depth + 1));
    return items.toReversed();
  }

  #missingKey(offset: number): void {
    const originalText = (): string => parserText(this.#text, offset, "did not find expected key");
    this.#fault("syntax", "there is no key in front of the colon", offset, originalText);
  }

  #invalidKey(key: Converted, offset: number): void {
    const originalText = (): string => `yaml: invalid map key: ${formatDecoded(key.value)}`;
    this.#fault("decode", "a collection cannot be a key", offset, originalText);
  }

  #notFinite(value: number, offset: number): void {
    const text = Number.isNaN(value) ? "NaN" : value > 0 ? "+Inf" : "-Inf";
    const message = "infinities and not-a-number cannot be values";
    this.#fault("number", message, offset, () => `json: unsupported value: ${text}`);
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

/** Whether nothing at all stands in front of the colon, not even a `?`. */
function isMissingKey({ key, srcToken }: ParsedPair): boolean {
  if (!isScalar(key) || key.tag !== undefined || key.anchor !== undefined) return false;
  const isEmpty = key.type === "PLAIN" && key.range[0] === key.range[1];
  return isEmpty && srcToken?.start.every(({ type }) => type !== "explicit-key-ind") === true;
}
