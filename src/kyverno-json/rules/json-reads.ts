import type { JsonPart } from "../../jmespath/compile/json-part.ts";
import { type JsonSelection, selectParts, wholeJson } from "../../json/json-selection.ts";

/** Collects what is looked at of the JSON that calls read, call by call. */
export class JsonReads {
  readonly #parts: Map<string, Part> = new Map();
  /** What was asked for; nothing is added from then on. */
  readonly #selections: Map<string, JsonSelection> = new Map();

  /** Notes that the part is looked at: all of it, or as far as it says. */
  add({ call, steps, isOnlySeen = false }: JsonPart): void {
    let part = this.#parts.get(call) ?? createPart();
    this.#parts.set(call, part);
    for (const step of steps) {
      if (step === undefined) {
        part = part.each ??= createPart();
      } else {
        const member = part.members.get(step) ?? createPart();
        part.members.set(step, member);
        part = member;
      }
    }
    if (!isOnlySeen) part.isWhole = true;
  }

  /** Returns what is looked at of what the call gives: all of it, where nothing is known of the call. */
  selectionOf(call: string): JsonSelection {
    const known = this.#selections.get(call);
    if (known !== undefined) return known;
    const part = this.#parts.get(call);
    const selection = part === undefined ? wholeJson : toSelection([part]);
    this.#selections.set(call, selection);
    return selection;
  }
}

/** A part on the way to what is looked at, or one that is; then what is inside does not matter. */
interface Part {
  isWhole: boolean;
  readonly members: Map<string, Part>;
  each: Part | undefined;
}

function createPart(): Part {
  return { isWhole: false, members: new Map(), each: undefined };
}

/** What is selected of a value that is looked at as all these parts say; what is about each member is about named ones too. */
function toSelection(parts: readonly Part[]): JsonSelection {
  if (parts.some(({ isWhole }) => isWhole)) return wholeJson;
  const each = parts.flatMap((part) => part.each ?? []);
  const members = new Map<string, JsonSelection>();
  for (const name of new Set(parts.flatMap((part) => [...part.members.keys()]))) {
    const named = parts.flatMap((part) => part.members.get(name) ?? []);
    members.set(name, toSelection([...named, ...each]));
  }
  return selectParts(members, each.length === 0 ? undefined : toSelection(each));
}
