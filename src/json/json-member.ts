import { type AddMember, adderOf } from "./add-member.ts";
import { JsonFault } from "./json-fault.ts";
import type { JsonSelection } from "./json-selection.ts";

/**
 * A member of an object as it was met: where the next object of the same kind is expected to have it too, so that its
 * key need not be read again. Nothing of it outlives the text.
 */
export class Member {
  readonly key: string;
  /** Where the text stands that leads to its value: the key with what is around it, as it is written. */
  readonly start: number;
  readonly length: number;
  /** Its length in bytes less that in UTF-16 units. */
  readonly lag: number;
  readonly part: JsonSelection | undefined;
  readonly previous: Member | undefined;
  /** Adds a value of it; undefined where that is nothing special, or it is not selected. */
  readonly add: AddMember | undefined;
  /** The member that came behind it last. */
  next: Member | undefined = undefined;
  /** One that stood in its place before. */
  other: Member | undefined = undefined;
  /** The first member of the object that it last held. */
  first: Member | undefined = undefined;
  /** What an element of the array that it holds is; an object in there has its members here. */
  element: Member | undefined = undefined;
  /** The keys up to this one, folded; handed on from each new member to the next. */
  keys: Set<string> | undefined = undefined;

  constructor(
    key: string,
    start: number,
    length: number,
    lag: number,
    part: JsonSelection | undefined,
    previous: Member | undefined,
  ) {
    this.key = key;
    this.start = start;
    this.length = length;
    this.lag = lag;
    this.part = part;
    this.previous = previous;
    this.add = part === undefined ? undefined : adderOf(key);
  }
}

/** Throws when the member's key stands in front of it already; Go's decoder takes keys for the same that differ in case only. */
export function refuseRepeated(member: Member, at: number): void {
  const { key, previous } = member;
  let keys = previous?.keys;
  if (keys === undefined) {
    keys = new Set();
    for (let known = previous; known !== undefined; known = known.previous) {
      keys.add(foldCase(known.key));
    }
  }
  const folded = foldCase(key);
  if (keys.has(folded)) throw new JsonFault("ambiguous", at, "a key that stands twice");
  if (previous !== undefined) previous.keys = undefined;
  member.keys = keys.add(folded);
}

const mayFold = /[A-Z\u0080-\uffff]/;

function foldCase(key: string): string {
  return mayFold.test(key) ? key.toUpperCase().toLowerCase() : key;
}
