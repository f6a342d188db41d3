import assert from "node:assert/strict";
import { test } from "node:test";
import { createMatchingFunctions } from "../../../src/kyverno-json/functions/matching-functions.ts";
import { callFunction } from "./call-function.ts";

const cases = [
  { version: "1.2.3", range: "1.2.3", want: true },
  { version: "1.2.3+a", range: "==1.2.3+b", want: true },
  { version: "1.2.3", range: "!1.2.3", want: false },
  { version: "1.2.3", range: "> 1.0.0 < 2.0.0", want: true },
  { version: "1.2.3", range: ">1.0.0  <1.2.0", want: false },
  { version: "0.5.0", range: ">1.0.0 || <0.9.0", want: true },
  { version: "v1.2.3", range: "<1.0.0", want: true },
  { version: "1.2", range: "0.0.0", want: true },
  { version: "01.2.3", range: "0.0.0", want: true },
  { version: "1.2.3-", range: "0.0.0", want: true },
  { version: "1.2.3-01", range: "0.0.0", want: true },
  { version: "1.2.3+", range: "0.0.0", want: true },
  { version: "1.2.3-a_b", range: "0.0.0", want: true },
  { version: "18446744073709551616.0.0", range: "0.0.0", want: true },
  { version: "18446744073709551615.0.0", range: ">18446744073709551614.9.9", want: true },
  { version: "1.0.0-rc1", range: "<1.0.0", want: true },
  { version: "1.0.0-1", range: "<1.0.0-a", want: true },
  { version: "1.0.0-a", range: ">1.0.0-1", want: true },
  { version: "1.0.0-2", range: "<1.0.0-10", want: true },
  { version: "1.0.0-a.b", range: ">1.0.0-a", want: true },
  { version: "1.0.0-a", range: "<1.0.0-a.b", want: true },
  { version: "1.0.0-a.b", range: "1.0.0-a.b", want: true },
  { version: "1.0.0-b", range: ">1.0.0-a", want: true },
  { version: "1.2.9", range: "1.2.x", want: true },
  { version: "1.3.0", range: "1.2.x", want: false },
  { version: "1.5.0", range: "1.x", want: true },
  { version: "1.5.0", range: "1.x.x", want: false },
  { version: "1.0.5", range: "1.x.x", want: true },
  { version: "3.0.0", range: "!=1.x", want: false },
  { version: "2.0.0", range: ">1.x", want: true },
  { version: "1.9.0", range: ">1.x", want: false },
  { version: "1.9.0", range: ">=1.x", want: true },
  { version: "1.9.0", range: "<=1.x", want: true },
  { version: "2.0.0", range: "<=1.x", want: false },
  { version: "0.9.0", range: "<1.x", want: true },
  { version: "1.2.0", range: "~1.2.x", want: true },
  { version: "1.2.1", range: "~1.2.x", want: false },
  { version: "1.4.0", range: ">1.+3.x", want: true },
  { version: "1.0.0", range: "! 1.0.0", want: true },
  { version: "1.0.0", range: "1.0.0 || || 2.0.0", want: true },
];

const functions = createMatchingFunctions();

test("versions in ranges", async (t) => {
  for (const { version, range, want } of cases) {
    await t.test(`${version} in ${range}`, () => {
      assert.equal(callFunction(functions, "semver_compare", [version, range]), want);
    });
  }
});

const inRange = (word: string, text: string): string =>
  `Could not parse Range "${word}": Could not parse ${text}`;
const errorCases = [
  { range: "", message: "Last element in range is '||'" },
  { range: "1", message: "Last element in range is '||'" },
  { range: "1.0.0 ||", message: "Last element in range is '||'" },
  { range: "|| 1.0.0", message: "First element in range is '||'" },
  { range: "abc", message: 'Could not get version from string: "abc"' },
  { range: "é", message: 'Could not get version from string: "é"' },
  { range: ">=x", message: 'Could not get version from string: ">=x"' },
  { range: "1.0.0-next.1", message: 'Could not get version from string: "<"' },
  {
    range: "٣.x",
    message: inRange(
      ">=٣.0.0",
      'version "٣.0.0" in ">=٣.0.0": Invalid character(s) found in major number "٣"',
    ),
  },
  { range: "9223372036854775808.x", message: 'Could not get version from string: "<"' },
  { range: "^1.2.3", message: inRange("^1.2.3", 'comparator "^" in "^1.2.3"') },
  { range: "\t^\u00851.2.3", message: inRange("\\t^\\u00851.2.3", 'comparator "^" in "^1.2.3"') },
  {
    range: "1.2",
    message: inRange("1.2", 'version "1.2" in "1.2": No Major.Minor.Patch elements found'),
  },
  {
    range: "01.2.3",
    message: inRange(
      "01.2.3",
      'version "01.2.3" in "01.2.3": Major number must not contain leading zeroes "01"',
    ),
  },
  {
    range: "1.b.3",
    message: inRange(
      "1.b.3",
      'version "1.b.3" in "1.b.3": Invalid character(s) found in minor number "b"',
    ),
  },
  {
    range: "1..3",
    message: inRange(
      "1..3",
      'version "1..3" in "1..3": strconv.ParseUint: parsing "": invalid syntax',
    ),
  },
  {
    range: "1.2.03",
    message: inRange(
      "1.2.03",
      'version "1.2.03" in "1.2.03": Patch number must not contain leading zeroes "03"',
    ),
  },
  {
    range: "1.2.99999999999999999999",
    message: inRange(
      "1.2.99999999999999999999",
      'version "1.2.99999999999999999999" in "1.2.99999999999999999999": strconv.ParseUint: parsing "99999999999999999999": value out of range',
    ),
  },
  {
    range: "1.2.3-",
    message: inRange("1.2.3-", 'version "1.2.3-" in "1.2.3-": Prerelease is empty'),
  },
  {
    range: "1.2.3-a_b",
    message: inRange(
      "1.2.3-a_b",
      'version "1.2.3-a_b" in "1.2.3-a_b": Invalid character(s) found in prerelease "a_b"',
    ),
  },
  {
    range: "1.2.3-01",
    message: inRange(
      "1.2.3-01",
      'version "1.2.3-01" in "1.2.3-01": Numeric PreRelease version must not contain leading zeroes "01"',
    ),
  },
  {
    range: "1.2.3-99999999999999999999",
    message: inRange(
      "1.2.3-99999999999999999999",
      'version "1.2.3-99999999999999999999" in "1.2.3-99999999999999999999": strconv.ParseUint: parsing "99999999999999999999": value out of range',
    ),
  },
  {
    range: "1.2.3+",
    message: inRange("1.2.3+", 'version "1.2.3+" in "1.2.3+": Build meta data is empty'),
  },
  {
    range: "1.2.3+a_b",
    message: inRange(
      "1.2.3+a_b",
      'version "1.2.3+a_b" in "1.2.3+a_b": Invalid character(s) found in build meta data "a_b"',
    ),
  },
];

test("ranges that cannot be parsed", async (t) => {
  for (const { range, message } of errorCases) {
    await t.test(range, () => {
      assert.deepEqual(callFunction(functions, "semver_compare", ["1.0.0", range]), {
        code: "EVALUATION_VALUE",
        message,
      });
    });
  }
});

test("an empty alternative that is reached was a crash", () => {
  assert.deepEqual(callFunction(functions, "semver_compare", ["9.0.0", "1.0.0 || || 2.0.0"]), {
    code: "EVALUATION_PANIC",
    message: "runtime error: invalid memory address or nil pointer dereference",
  });
});
