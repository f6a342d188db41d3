import { reservePlace } from "./add-member.ts";

/**
 * The parts of a JSON text that somebody will look at: what is not selected is checked, and left out of the value.
 * Scalars are always kept, and so is an array where members of an object were expected.
 */
export interface JsonSelection {
  /** Whether all of it is looked at; the rest does not matter then. */
  readonly isWhole: boolean;
  /** What is looked at of an object's members. */
  readonly members: ReadonlyMap<string, JsonSelection>;
  /** What is looked at of each element of an array, or of each member of an object. */
  readonly each: JsonSelection | undefined;
}

/** Returns the members, and what is about each. The names are a policy's: reading them is made quick. */
export function selectParts(
  members: ReadonlyMap<string, JsonSelection>,
  each: JsonSelection | undefined,
): JsonSelection {
  for (const name of members.keys()) reservePlace(name);
  return { isWhole: false, members, each };
}

/** All of a text. */
export const wholeJson: JsonSelection = Object.freeze({
  isWhole: true,
  members: new Map<string, JsonSelection>(),
  each: undefined,
});

/** Returns what is selected of an object's member; undefined: nothing. */
export function selectMember(
  selection: JsonSelection | undefined,
  key: string,
): JsonSelection | undefined {
  if (selection === undefined || selection.isWhole) return selection;
  return selection.members.get(key) ?? selection.each;
}

/** Returns what is selected of an array's elements; undefined: nothing. */
export function selectElement(selection: JsonSelection | undefined): JsonSelection | undefined {
  if (selection === undefined || selection.isWhole) return selection;
  return selection.members.size > 0 ? wholeJson : (selection.each ?? wholeJson);
}
