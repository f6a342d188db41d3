import assert from "node:assert/strict";
import { test } from "node:test";
import { createTimeFunctions } from "../../../src/kyverno-json/functions/time-functions.ts";
import { callFunction } from "./call-function.ts";

const rows = createTimeFunctions(() => Date.UTC(2021, 0, 2, 3, 4, 5, 678));

function call(name: string, args: readonly string[]): unknown {
  return callFunction(rows, name, args);
}

const cases = [
  { name: "time_add", args: ["2021-01-01T00:00:00Z", "1h"], want: "2021-01-01T01:00:00Z" },
  { name: "time_add", args: ["9999-12-31T23:59:59Z", "1s"], want: "10000-01-01T00:00:00Z" },
  { name: "time_add", args: ["0000-01-01T00:00:00Z", "-1s"], want: "-0001-12-31T23:59:59Z" },
  { name: "time_add", args: ["2021-01-01T00:00:00.5Z", "0.5s"], want: "2021-01-01T00:00:01Z" },
  {
    name: "time_truncate",
    args: ["2021-01-01T12:34:56+05:30", "24h"],
    want: "2021-01-01T05:30:00+05:30",
  },
  { name: "time_truncate", args: ["2021-01-01T12:34:56Z", "-1h"], want: "2021-01-01T12:34:56Z" },
  { name: "time_truncate", args: ["0000-06-01T12:34:56Z", "1h"], want: "0000-06-01T12:00:00Z" },
  { name: "time_truncate", args: ["2021-01-01T12:34:56Z", "7m"], want: "2021-01-01T12:30:00Z" },
  {
    name: "time_diff",
    args: ["0001-01-01T00:00:00Z", "2023-02-28T23:59:59Z"],
    want: "2562047h47m16.854775807s",
  },
  {
    name: "time_diff",
    args: ["9999-12-31T23:59:59Z", "2023-02-28T23:59:59Z"],
    want: "-2562047h47m16.854775808s",
  },
  {
    name: "time_diff",
    args: ["2021-01-01T00:00:00+01:00", "2021-01-01T00:00:00.000001Z"],
    want: "1h0m0.000001s",
  },
  { name: "time_to_cron", args: ["2023-02-02T15:04:05-07:00"], want: "4 15 2 2 4" },
  { name: "time_utc", args: ["2023-02-02T15:04:05.9-07:00"], want: "2023-02-02T22:04:05Z" },
  { name: "time_utc", args: ["2023-02-02T15:04:05-00:00"], want: "2023-02-02T15:04:05Z" },
  { name: "time_now", args: [], want: "2021-01-02T03:04:05Z" },
  { name: "time_now_utc", args: [], want: "2021-01-02T03:04:05Z" },
  { name: "time_since", args: ["", "2021-01-02T03:04:05Z", ""], want: "678ms" },
  { name: "time_since", args: ["2006-01-02", "2021-01-02", "2021-01-03"], want: "24h0m0s" },
  { name: "time_parse", args: ["2006-002", "2021-123"], want: "2021-05-03T00:00:00Z" },
  { name: "time_before", args: ["2021-01-01T00:00:00Z", "2021-01-01T00:00:00.1Z"], want: true },
  { name: "time_before", args: ["2021-01-01T01:00:00+01:00", "2021-01-01T00:00:00Z"], want: false },
  { name: "time_after", args: ["2021-01-01T00:00:00-01:00", "2021-01-01T00:00:00Z"], want: true },
  {
    name: "time_between",
    args: ["2021-01-01T00:00:00Z", "2021-01-01T00:00:00Z", "2021-01-02T00:00:00Z"],
    want: false,
  },
  {
    name: "time_between",
    args: ["2021-01-01T12:00:00Z", "2021-01-01T00:00:00Z", "2021-01-02T00:00:00Z"],
    want: true,
  },
];

for (const { name, args, want } of cases) {
  test(`${name}(${args.join(", ")}) is ${want}`, () => {
    assert.equal(call(name, args), want);
  });
}

const faults = [
  {
    name: "time_add",
    args: ["x", "y"],
    want: 'parsing time "x" as "2006-01-02T15:04:05Z07:00": cannot parse "x" as "2006"',
  },
  {
    name: "time_add",
    args: ["2021-01-01T00:00:00Z", "1d"],
    want: 'time: unknown unit "d" in duration "1d"',
  },
  {
    name: "time_add",
    args: ["2021-01-01T00:00:00Z", "1"],
    want: 'time: missing unit in duration "1"',
  },
  { name: "time_add", args: ["2021-01-01T00:00:00Z", ""], want: 'time: invalid duration ""' },
  {
    name: "time_add",
    args: ["2021-01-01T00:00:00Z", "2562048h"],
    want: 'time: invalid duration "2562048h"',
  },
  {
    name: "time_add",
    args: ["2021-01-01T00:00:00Z", "1é"],
    want: 'time: unknown unit "\\xc3\\xa9" in duration "1\\xc3\\xa9"',
  },
  {
    name: "time_since",
    args: ["2006-01-02", "2021-01-02T15:04:05Z", "x"],
    want: 'parsing time "2021-01-02T15:04:05Z": extra text: "T15:04:05Z"',
  },
];

for (const { name, args, want } of faults) {
  test(`${name}(${args.join(", ")}) errs: ${want}`, () => {
    assert.deepEqual(call(name, args), { code: "EVALUATION_VALUE", message: want });
  });
}

test("the later time is not looked at when the first one is wrong", () => {
  assert.deepEqual(call("time_diff", ["x", "y"]), call("time_utc", ["x"]));
});
