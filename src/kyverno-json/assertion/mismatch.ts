import type { Value } from "../../go-values/value.ts";
import type { Budget } from "../../model/budget.ts";
import { maskText } from "../../model/client-texts.ts";
import type { NodeText } from "./node-text.ts";
import { renderBadValue, renderExpectedValue } from "./render-value.ts";

/**
 * The place of a `~` key in a collection: the part of a path that only a request decides. Everything else of a
 * path is text since the policy was loaded, so that a tree that holds never joins strings.
 */
export interface Place {
  readonly outer: Place | undefined;
  /** The path's text from the outer place up to and including the `~` key. */
  readonly text: string;
  /** Absent where the collection itself stands for its elements. */
  readonly key?: string | number;
}

/** Returns the text of a path: that of its places, and what follows the last of them. */
export function renderPath(place: Place | undefined, text: string): string {
  let path = text;
  for (let at = place; at !== undefined; at = at.outer) {
    path = at.key === undefined ? `${at.text}${path}` : `${at.text}[${at.key}]${path}`;
  }
  return path;
}

/** One value that is not as a tree says. Rendered on demand only: a deny may not show it. */
export class Fail {
  readonly place: Place | undefined;
  readonly node: NodeText;
  readonly value: Value;
  /** What was expected, or the whole sentence where no single value was. */
  readonly expected: Value | FailDetail;

  constructor(
    place: Place | undefined,
    node: NodeText,
    value: Value,
    expected: Value | FailDetail,
  ) {
    this.place = place;
    this.node = node;
    this.value = value;
    this.expected = expected;
  }

  /** The original's text, as far as the node shows it: `PATH: Invalid value: VALUE: Expected value: VALUE`. */
  render(maxLength: number, budget?: Budget): string {
    const { path, showsValue } = this.node;
    const value = showsValue ? renderBadValue(this.value, maxLength, budget) : maskText;
    const detail = this.#detail(maxLength, budget);
    return `${renderPath(this.place, path)}: Invalid value: ${value}: ${detail}`;
  }

  #detail(maxLength: number, budget: Budget | undefined): string {
    if (this.expected instanceof FailDetail) return this.expected.text;
    const { showsExpected } = this.node;
    const expected = showsExpected
      ? renderExpectedValue(this.expected, maxLength, budget)
      : maskText;
    return `Expected value: ${expected}`;
  }
}

/** A sentence about why a value fails. */
export class FailDetail {
  readonly text: string;

  constructor(text: string) {
    this.text = text;
  }
}
