import { charge } from "../../model/step-limit.ts";
import { areEqual } from "../values/equality.ts";
import { sizeOf } from "../values/size-of.ts";
import type { CelList, CelResult } from "../values/value.ts";
import { anyOf, type CelFunction, define, listOf, types } from "./define.ts";
import type { Frame } from "./frame.ts";

const list = listOf(anyOf("T"));

function contains(all: CelList, some: CelList): boolean {
  return some.every((element) => all.some((other) => areEqual(other, element)));
}

function comparing(name: string, compare: (left: CelList, right: CelList) => boolean): CelFunction {
  return define(name, [list, list], types.bool, (frame: Frame, left, right): CelResult => {
    const cost = left.length * sizeOf(right) + right.length * sizeOf(left);
    const unpaid = charge(frame.budget, cost);
    return unpaid ?? compare(left, right);
  });
}

/** The sets extension of cel-go. */
export const setFunctions: readonly CelFunction[] = [
  comparing("sets.contains", contains),
  comparing("sets.equivalent", (left, right) => contains(left, right) && contains(right, left)),
  comparing("sets.intersects", (left, right) =>
    right.some((element) => left.some((other) => areEqual(other, element))),
  ),
];
