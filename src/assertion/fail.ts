import type { Value } from "../jmespath/value.ts";
import { renderBadValue, renderExpectedValue } from "./render-value.ts";

/**
 * Where in a collection a `~` key stands: the part of a path that only a request decides. Everything else of a
 * path is text since the policy was loaded, so that a tree that holds never joins strings.
 */
export interface Place {
  readonly outer: Place | undefined;
  /** The path's text from the outer place up to and including the `~` key. */
  readonly text: string;
  /** Absent where the collection itself stands for its elements. */
  readonly key?: string | number;
}

/** The text of a path: that of its places, and what follows the last of them. */
export function renderPath(place: Place | undefined, text: string): string {
  let path = text;
  for (let at = place; at !== undefined; at = at.outer) {
    path = at.key === undefined ? `${at.text}${path}` : `${at.text}[${at.key}]${path}`;
  }
  return path;
}

/** The text by which a key extends a path; an empty key prints as an index without a number. */
export function pathOfKey(key: string): string {
  return key === "" ? "[]" : `.${key}`;
}

/** One value that is not as a tree says. Rendered on demand only: a deny may not show it. */
export class Fail {
  readonly place: Place | undefined;
  readonly path: string;
  readonly value: Value;
  /** What was expected, or the whole sentence where no single value was. */
  readonly expected: Value | FailDetail;

  constructor(place: Place | undefined, path: string, value: Value, expected: Value | FailDetail) {
    this.place = place;
    this.path = path;
    this.value = value;
    this.expected = expected;
  }

  /** The original's text: `PATH: Invalid value: VALUE: Expected value: VALUE`. */
  render(maxLength: number): string {
    const detail =
      this.expected instanceof FailDetail
        ? this.expected.text
        : `Expected value: ${renderExpectedValue(this.expected, maxLength)}`;
    const value = renderBadValue(this.value, maxLength);
    return `${renderPath(this.place, this.path)}: Invalid value: ${value}: ${detail}`;
  }
}

/** A sentence about why a value fails. */
export class FailDetail {
  readonly text: string;

  constructor(text: string) {
    this.text = text;
  }
}
