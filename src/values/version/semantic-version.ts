import { quoteGoString } from "../../go-values/go-format.ts";
import { compareByCodePoint } from "../../go-values/go-string.ts";
import { EvaluationError } from "../../model/evaluation-error.ts";

/** A version as blang/semver reads it; build metadata is checked and dropped, as it never counts. */
export interface SemanticVersion {
  readonly numbers: readonly [major: bigint, minor: bigint, patch: bigint];
  /** The parts of the pre-release: numeric ones as bigint. */
  readonly preRelease: readonly (bigint | string)[];
}

/** The version that one that cannot be parsed counts as. */
export const zeroVersion: SemanticVersion = { numbers: [0n, 0n, 0n], preRelease: [] };

/** Digits of the largest number that may be in a version, 2^64 − 1. */
const MAX_DIGITS = 20;
const maxNumber = 2n ** 64n - 1n;
const onlyDigits = /^[0-9]*$/;
const onlyIdentifier = /^[0-9A-Za-z-]*$/;

/**
 * Returns the version that the text is, strictly `X.Y.Z[-pre][+build]` without leading zeros, or an error in the words of
 * blang/semver v4 (the message is not the function's error by itself).
 */
export function parseSemanticVersion(text: string): SemanticVersion | EvaluationError {
  if (text === "") return versionError("Version string empty");
  const [major, minor, ...others] = text.split(".");
  if (major === undefined || minor === undefined || others.length === 0) {
    return versionError("No Major.Minor.Patch elements found");
  }
  const [beforeBuild, build] = cut(others.join("."), "+");
  const [patch, preRelease] = cut(beforeBuild, "-");
  const numbers = parseNumbers(major, minor, patch);
  if (numbers instanceof EvaluationError) return numbers;
  const parts = preRelease === undefined ? [] : parsePreRelease(preRelease);
  if (parts instanceof EvaluationError) return parts;
  const fault = build === undefined ? undefined : findBuildFault(build);
  return fault ?? { numbers, preRelease: parts };
}

/** Returns negative, zero or positive as `left` precedes, equals or follows `right`; a pre-release precedes its version. */
export function compareVersions(left: SemanticVersion, right: SemanticVersion): number {
  for (const [i, number] of left.numbers.entries()) {
    const other = right.numbers[i] ?? 0n;
    if (number !== other) return number < other ? -1 : 1;
  }
  if (left.preRelease.length === 0 || right.preRelease.length === 0) {
    return right.preRelease.length - left.preRelease.length;
  }
  for (const [i, part] of left.preRelease.entries()) {
    const other = right.preRelease[i];
    if (other === undefined) return 1;
    const order = compareParts(part, other);
    if (order !== 0) return order;
  }
  return left.preRelease.length - right.preRelease.length;
}

function compareParts(left: bigint | string, right: bigint | string): number {
  if (typeof left === "string" && typeof right === "string") return compareByCodePoint(left, right);
  if (typeof left === "string") return 1;
  if (typeof right === "string") return -1;
  if (left === right) return 0;
  return left < right ? -1 : 1;
}

function parseNumbers(
  major: string,
  minor: string,
  patch: string,
): SemanticVersion["numbers"] | EvaluationError {
  const first = parseVersionNumber("major", major);
  if (first instanceof EvaluationError) return first;
  const second = parseVersionNumber("minor", minor);
  if (second instanceof EvaluationError) return second;
  const third = parseVersionNumber("patch", patch);
  return third instanceof EvaluationError ? third : [first, second, third];
}

function parseVersionNumber(name: string, digits: string): bigint | EvaluationError {
  if (!onlyDigits.test(digits)) {
    return versionError(`Invalid character(s) found in ${name} number ${quoteGoString(digits)}`);
  }
  if (hasLeadingZero(digits)) {
    const title = name.charAt(0).toUpperCase() + name.slice(1);
    return versionError(`${title} number must not contain leading zeroes ${quoteGoString(digits)}`);
  }
  return parseUint64(digits);
}

function parsePreRelease(text: string): (bigint | string)[] | EvaluationError {
  const parts: (bigint | string)[] = [];
  for (const part of text.split(".")) {
    if (part === "") return versionError("Prerelease is empty");
    if (!onlyIdentifier.test(part)) {
      return versionError(`Invalid character(s) found in prerelease ${quoteGoString(part)}`);
    }
    if (!onlyDigits.test(part)) {
      parts.push(part);
      continue;
    }
    if (hasLeadingZero(part)) {
      return versionError(
        `Numeric PreRelease version must not contain leading zeroes ${quoteGoString(part)}`,
      );
    }
    const number = parseUint64(part);
    if (typeof number !== "bigint") return number;
    parts.push(number);
  }
  return parts;
}

function findBuildFault(text: string): EvaluationError | undefined {
  for (const part of text.split(".")) {
    if (part === "") return versionError("Build meta data is empty");
    if (!onlyIdentifier.test(part)) {
      return versionError(`Invalid character(s) found in build meta data ${quoteGoString(part)}`);
    }
  }
  return undefined;
}

function parseUint64(digits: string): bigint | EvaluationError {
  const parsing = `strconv.ParseUint: parsing ${quoteGoString(digits)}`;
  if (digits === "") return versionError(`${parsing}: invalid syntax`);
  const number = digits.length > MAX_DIGITS ? undefined : BigInt(digits);
  if (number !== undefined && number <= maxNumber) return number;
  return versionError(`${parsing}: value out of range`);
}

function hasLeadingZero(digits: string): boolean {
  return digits.length > 1 && digits.startsWith("0");
}

function cut(text: string, separator: string): [before: string, after?: string] {
  const at = text.indexOf(separator);
  return at < 0 ? [text] : [text.slice(0, at), text.slice(at + 1)];
}

function versionError(message: string): EvaluationError {
  return new EvaluationError("EVALUATION_VALUE", message);
}
