import { valueError } from "../values/errors.ts";
import { localParts, type TimeParts } from "../values/time-zone.ts";
import { CelDuration, type CelResult, CelTimestamp } from "../values/value.ts";
import { type CelFunction, defineMethod, types } from "./define.ts";

const { int, string, timestamp, duration } = types;

const parts: readonly (readonly [string, (parts: TimeParts) => number])[] = [
  ["getFullYear", ({ year }) => year],
  ["getMonth", ({ month }) => month - 1],
  ["getDayOfYear", ({ dayOfYear }) => dayOfYear - 1],
  ["getDayOfMonth", ({ day }) => day - 1],
  ["getDate", ({ day }) => day],
  ["getDayOfWeek", ({ weekday }) => weekday],
  ["getHours", ({ hour }) => hour],
  ["getMinutes", ({ minute }) => minute],
  ["getSeconds", ({ second }) => second],
  ["getMilliseconds", ({ millisecond }) => millisecond],
];

function readPart(time: CelTimestamp, zone: string, read: (parts: TimeParts) => number): CelResult {
  const local = localParts(time.nanos, zone);
  return local === undefined ? valueError(`unknown time zone ${zone}`) : BigInt(read(local));
}

/** Nanoseconds in a unit: a duration's parts are totals. */
const units: readonly (readonly [string, bigint])[] = [
  ["getHours", 3_600_000_000_000n],
  ["getMinutes", 60_000_000_000n],
  ["getSeconds", 1_000_000_000n],
  ["getMilliseconds", 1_000_000n],
];

/** Accessors of timestamps, in UTC or the zone that is named, and of durations. */
export const timeFunctions: readonly CelFunction[] = [
  ...parts.flatMap(([name, read]) => [
    defineMethod(name, [timestamp], int, (_, time) => readPart(time, "UTC", read)),
    defineMethod(name, [timestamp, string], int, (_, time, zone) => readPart(time, zone, read)),
  ]),
  ...units.map(([name, unit]) =>
    defineMethod(name, [duration], int, (_, { nanos }: CelDuration) => nanos / unit),
  ),
];
