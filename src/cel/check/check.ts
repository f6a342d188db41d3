import type {
  BindNode,
  CallNode,
  CelNode,
  ConditionalNode,
  IdentifierNode,
  ListNode,
  LogicalNode,
  LoopNode,
  MapNode,
  MessageNode,
  OptionalMapNode,
  SelectNode,
} from "../syntax/ast.ts";
import { qualifiedName } from "../syntax/macros.ts";
import type { CheckEnvironment, Overload } from "../types/declarations.ts";
import {
  boolType,
  type CelType,
  dynType,
  errorType,
  listType,
  mapType,
  optionalType,
  parameterType,
  renderType,
  unwrapOptional,
} from "../types/type.ts";
import {
  assign,
  assignAll,
  isSameType,
  moreGeneral,
  type Substitutions,
  substitute,
} from "../types/unify.ts";
import type { Checked, CheckFault, Reference, Resolution } from "./checked.ts";
import { LocalNames } from "./local-names.ts";
import { findLiteralFaults } from "./refused-literals.ts";
import { suggestName } from "./suggest-name.ts";
import {
  collectParameters,
  describeNoOverload,
  isStructured,
  literalType,
} from "./type-questions.ts";

/**
 * Returns the types of an expression and of all its parts, what its names and calls mean, and every fault in it. The rules
 * are those of cel-go's checker, with homogeneous list and map literals.
 */
export function checkCel<F extends Overload>(
  root: CelNode,
  environment: CheckEnvironment<F>,
): Checked<F> {
  return new Checker(environment).checkWhole(root);
}

class Checker<F extends Overload> {
  readonly #environment: CheckEnvironment<F>;
  readonly #types = new Map<CelNode, CelType>();
  readonly #calls = new Map<CelNode, Resolution<F>>();
  readonly #references = new Map<CelNode, Reference>();
  readonly #faults: CheckFault[] = [];
  #substitutions: Substitutions = new Map();
  #variables = 0;
  /** How many calls of `format` are around the node: their lists may hold values of different types. */
  #formats = 0;
  readonly #locals = new LocalNames();

  constructor(environment: CheckEnvironment<F>) {
    this.#environment = environment;
  }

  checkWhole(root: CelNode): Checked<F> {
    this.#check(root);
    const types = new Map<CelNode, CelType>();
    for (const [node, type] of this.#types) {
      types.set(node, substitute(this.#substitutions, type, true));
    }
    if (this.#faults.length === 0) {
      this.#faults.push(...findLiteralFaults(root, types, this.#calls));
    }
    return {
      type: types.get(root) ?? errorType,
      types,
      calls: this.#calls,
      references: this.#references,
      faults: this.#faults.toSorted((a, b) => a.offset - b.offset),
    };
  }

  #check(node: CelNode): CelType {
    const type = this.#typeOf(node);
    this.#types.set(node, type);
    return type;
  }

  #typeOf(node: CelNode): CelType {
    switch (node.kind) {
      case "literal":
        return literalType(node);
      case "identifier":
        return this.#checkIdentifier(node);
      case "select":
        return this.#checkSelect(node);
      case "call":
        return this.#checkCall(node);
      case "conditional":
        return this.#checkConditional(node);
      case "logical":
        return this.#checkLogical(node);
      case "list":
        return this.#checkList(node);
      case "map":
        return this.#checkMap(node);
      case "message":
        return this.#checkMessage(node);
      case "loop":
        return this.#checkLoop(node);
      case "bind":
        return this.#checkBind(node);
      case "optionalMap":
        return this.#checkOptionalMap(node);
    }
  }

  #fault(offset: number, message: string): CelType {
    this.#faults.push({ offset, message });
    return errorType;
  }

  #newVariable(): CelType {
    this.#variables += 1;
    return parameterType(`_var${this.#variables}`);
  }

  #known(type: CelType): CelType {
    return substitute(this.#substitutions, type, false);
  }

  #assign(given: CelType, wanted: CelType): boolean {
    const found = assign(this.#substitutions, given, wanted);
    if (found !== undefined) this.#substitutions = found;
    return found !== undefined;
  }

  /** Returns the type of what a qualified name stands for outside macros, and remembers it. */
  #resolveName(node: CelNode, name: string): CelType | undefined {
    const variable = this.#environment.variable(name);
    if (variable !== undefined) {
      this.#references.set(node, { kind: "variable", name });
      return variable;
    }
    const constant = this.#environment.constant(name);
    if (constant === undefined) return undefined;
    this.#references.set(node, { kind: "constant", value: constant.value });
    return constant.type;
  }

  #checkIdentifier(node: IdentifierNode): CelType {
    return (
      this.#locals.find(node.name) ??
      this.#resolveName(node, node.name) ??
      this.#fault(node.at, this.#unknownName(node.name))
    );
  }

  #unknownName(name: string): string {
    return `there is no variable \`${name}\`${suggestName(name, this.#environment.names())}`;
  }

  #checkSelect(node: SelectNode): CelType {
    const name = node.isTest ? undefined : qualifiedName(node);
    if (name !== undefined && this.#locals.find(name.slice(0, name.indexOf("."))) === undefined) {
      const resolved = this.#resolveName(node, name);
      if (resolved !== undefined) return resolved;
    }
    const operand = this.#known(this.#check(node.operand));
    const target = unwrapOptional(operand) ?? operand;
    const field = this.#fieldType(target, node);
    if (node.isTest) return boolType;
    return this.#known(target !== operand || node.isOptional ? optionalType(field) : field);
  }

  #fieldType(target: CelType, node: SelectNode): CelType {
    switch (target.kind) {
      case "map":
        return target.value;
      case "message":
        return (
          this.#environment.field(target.name, node.field) ??
          this.#fault(node.at, `\`${renderType(target)}\` has no field \`${node.field}\``)
        );
      case "parameter":
        this.#assign(dynType, target);
        return dynType;
      case "dyn":
      case "any":
      case "error":
        return dynType;
      default:
        return this.#fault(node.at, `a value of type \`${renderType(target)}\` has no fields`);
    }
  }

  #checkCall(node: CallNode): CelType {
    if (node.name !== "format") return this.#checkAnyCall(node);
    this.#formats++;
    const type = this.#checkAnyCall(node);
    this.#formats--;
    return type;
  }

  #checkAnyCall(node: CallNode): CelType {
    const { name, target, args } = node;
    const prefix = target === undefined ? undefined : qualifiedName(target);
    if (prefix !== undefined) {
      const qualified = this.#environment.overloads(`${prefix}.${name}`);
      if (qualified !== undefined) {
        const types = args.map((arg) => this.#check(arg));
        return this.#resolve(node, `${prefix}.${name}`, undefined, qualified, types);
      }
    }
    const targetType = target === undefined ? [] : [this.#check(target)];
    const types = [...targetType, ...args.map((arg) => this.#check(arg))];
    const overloads = this.#environment.overloads(name);
    if (overloads === undefined) return this.#fault(node.at, this.#unknownFunction(node));
    return this.#resolve(node, name, target, overloads, types);
  }

  #unknownFunction({ name, target }: CallNode): string {
    const prefix = target === undefined ? undefined : qualifiedName(target);
    const full = prefix === undefined ? name : `${prefix}.${name}`;
    return `there is no function \`${name}\`${suggestName(full, this.#environment.names())}`;
  }

  #resolve(
    node: CallNode,
    name: string,
    target: CelNode | undefined,
    overloads: readonly F[],
    args: readonly CelType[],
  ): CelType {
    const matching: F[] = [];
    let result: CelType | undefined;
    for (const overload of overloads) {
      if (overload.isMethod !== (target !== undefined)) continue;
      const { parameters, result: declared } = this.#instantiate(overload);
      const found = assignAll(this.#substitutions, args, parameters);
      if (found === undefined) continue;
      this.#substitutions = found;
      matching.push(overload);
      const own = this.#known(declared);
      if (result === undefined) result = own;
      else if (!isSameType(own, result)) result = dynType;
    }
    if (result === undefined) return this.#fault(node.at, this.#noOverload(name, target, args));
    this.#calls.set(node, { name, target, overloads: matching });
    return result;
  }

  #noOverload(name: string, target: CelNode | undefined, args: readonly CelType[]): string {
    const types = args.map((type) => substitute(this.#substitutions, type, true));
    return describeNoOverload(name, target !== undefined, types);
  }

  /** Returns the signature with type variables of its own for its parameters. */
  #instantiate(overload: Overload): Pick<Overload, "parameters" | "result"> {
    const names = new Set<string>();
    for (const type of [...overload.parameters, overload.result]) collectParameters(type, names);
    if (names.size === 0) return overload;
    const fresh = new Map([...names].map((name) => [name, this.#newVariable()]));
    return {
      parameters: overload.parameters.map((type) => substitute(fresh, type, false)),
      result: substitute(fresh, overload.result, false),
    };
  }

  #checkConditional(node: ConditionalNode): CelType {
    const condition = this.#check(node.condition);
    const then = this.#check(node.whenTrue);
    const otherwise = this.#check(node.otherwise);
    const wanted = this.#newVariable();
    const found = assignAll(
      this.#substitutions,
      [condition, then, otherwise],
      [boolType, wanted, wanted],
    );
    if (found === undefined) {
      return this.#fault(
        node.at,
        this.#noOverload("_?_:_", undefined, [condition, then, otherwise]),
      );
    }
    this.#substitutions = found;
    return this.#known(wanted);
  }

  #checkLogical(node: LogicalNode): CelType {
    const types = node.operands.map((operand) => this.#check(operand));
    const wrong = types.findIndex((type) => !this.#assign(type, boolType));
    if (wrong === -1) return boolType;
    const { at } = node.operands[wrong] ?? node;
    const type = renderType(this.#known(types[wrong] ?? errorType));
    return this.#fault(at, `\`${node.operator}\` takes bool, this is of type \`${type}\``);
  }

  #checkList(node: ListNode): CelType {
    let joined: CelType | undefined;
    for (const { value, isOptional } of node.elements) {
      joined = this.#join(joined, this.#elementType(value, isOptional), value);
    }
    return listType(joined ?? this.#newVariable());
  }

  #checkMap(node: MapNode): CelType {
    let keys: CelType | undefined;
    let values: CelType | undefined;
    for (const { key, value, isOptional } of node.entries) {
      keys = this.#join(keys, this.#check(key), key);
      values = this.#join(values, this.#elementType(value, isOptional), value);
    }
    return mapType(keys ?? this.#newVariable(), values ?? this.#newVariable());
  }

  /** Returns the type of an element or field, that inside the optional where it is marked with `?`. */
  #elementType(value: CelNode, isOptional: boolean): CelType {
    const type = this.#check(value);
    if (!isOptional) return type;
    const known = this.#known(type);
    const inside = unwrapOptional(known);
    if (inside !== undefined) return inside;
    if (known.kind === "dyn" || known.kind === "error") return known;
    const wanted = renderType(optionalType(known));
    return this.#fault(value.at, `expected type \`${wanted}\`, found \`${renderType(known)}\``);
  }

  #join(previous: CelType | undefined, current: CelType, node: CelNode): CelType {
    if (previous === undefined) return current;
    if (this.#assign(previous, current)) return moreGeneral(previous, current);
    if (this.#formats > 0) return dynType;
    return this.#mismatch(node, previous, current);
  }

  #mismatch(node: CelNode, wanted: CelType, found: CelType): CelType {
    const [shown, other] = [wanted, found].map((type) => renderType(this.#known(type)));
    return this.#fault(node.at, `expected type \`${shown}\`, found \`${other}\``);
  }

  #checkMessage(node: MessageNode): CelType {
    const constant = this.#environment.constant(node.typeName);
    const type = constant?.value.kind === "type" ? constant.value.type : undefined;
    let result: CelType = errorType;
    if (constant === undefined) {
      this.#fault(node.at, `there is no type \`${node.typeName}\``);
    } else if (type === undefined || !isStructured(type)) {
      this.#fault(node.at, `\`${node.typeName}\` is not a message type`);
    } else {
      result = type;
    }
    for (const { name, value, isOptional, at } of node.fields) {
      const given = this.#elementType(value, isOptional);
      if (result.kind === "error") continue;
      const wanted = this.#environment.field(node.typeName, name);
      if (wanted === undefined) {
        this.#fault(at, `\`${node.typeName}\` has no field \`${name}\``);
      } else if (!this.#assign(wanted, given)) {
        const texts = [wanted, given].map((part) => renderType(this.#known(part)));
        this.#fault(at, `field \`${name}\` is of type \`${texts[0]}\`, not \`${texts[1]}\``);
      }
    }
    return result;
  }

  #checkLoop(node: LoopNode): CelType {
    const range = this.#known(this.#check(node.range));
    const variable = this.#rangeElement(range, node.range);
    return this.#locals.within(node.variable, variable, () => this.#checkLoopBody(node, variable));
  }

  #checkLoopBody({ macro, predicate, transform }: LoopNode, variable: CelType): CelType {
    const condition = predicate === undefined ? boolType : this.#check(predicate);
    const isBool = this.#assign(condition, boolType);
    if (!isBool && predicate !== undefined) return this.#mismatch(predicate, boolType, condition);
    switch (macro) {
      case "all":
      case "exists":
      case "existsOne":
        return boolType;
      case "filter":
        return listType(variable);
      case "map":
        return listType(transform === undefined ? errorType : this.#check(transform));
    }
  }

  #rangeElement(range: CelType, node: CelNode): CelType {
    switch (range.kind) {
      case "list":
        return range.element;
      case "map":
        return range.key;
      case "dyn":
      case "any":
      case "error":
      case "parameter":
        this.#assign(dynType, range);
        return dynType;
      default:
        return this.#fault(
          node.at,
          `a value of type \`${renderType(range)}\` cannot be iterated over`,
        );
    }
  }

  #checkBind({ variable, init, body }: BindNode): CelType {
    const type = this.#check(init);
    return this.#locals.within(variable, type, () => this.#check(body));
  }

  #checkOptionalMap({ isFlat, operand, variable, body }: OptionalMapNode): CelType {
    const type = this.#known(this.#check(operand));
    const isUnknown = ["dyn", "error", "null"].includes(type.kind);
    const inside = unwrapOptional(type) ?? (isUnknown ? dynType : undefined);
    if (inside === undefined) return this.#mismatch(operand, optionalType(dynType), type);
    const result = this.#locals.within(variable, inside, () => this.#check(body));
    if (!isFlat) return optionalType(result);
    const wanted = optionalType(this.#newVariable());
    return this.#assign(result, wanted)
      ? this.#known(wanted)
      : this.#mismatch(body, wanted, result);
  }
}
