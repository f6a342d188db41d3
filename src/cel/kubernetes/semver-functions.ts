import { isEvaluationError } from "../../model/evaluation-error.ts";
import {
  compareVersions,
  parseSemanticVersion,
  type SemanticVersion,
} from "../../values/version/semantic-version.ts";
import { type CelFunction, define, defineMethod, opaqueOf, types } from "../functions/define.ts";
import { valueError } from "../values/errors.ts";
import { CelOpaque, type CelResult } from "../values/value.ts";

const { bool, int, string } = types;

/** A semantic version (`kubernetes.Semver`). */
class CelSemver extends CelOpaque {
  override readonly typeName = "kubernetes.Semver";
  readonly version: SemanticVersion;

  constructor(version: SemanticVersion) {
    super();
    this.version = version;
  }

  override equals(other: CelOpaque): boolean {
    return other instanceof CelSemver && compareVersions(this.version, other.version) === 0;
  }
}

const semver = opaqueOf("kubernetes.Semver", CelSemver);

function compare(left: CelSemver, right: CelSemver): number {
  return Math.sign(compareVersions(left.version, right.version));
}

/** Int holds what a version's numbers may be but for the upper half of 64 bits. */
function numberAt({ version }: CelSemver, index: 0 | 1 | 2): CelResult {
  const value = version.numbers[index];
  return value === BigInt.asIntN(64, value) ? value : valueError("the number is no int");
}

/** The functions of versions. */
export const semverFunctions: readonly CelFunction[] = [
  define("semver", [string], semver, (_, text) => {
    const version = parseSemanticVersion(text);
    return isEvaluationError(version) ? valueError(version.message) : new CelSemver(version);
  }),
  define("isSemver", [string], bool, (_, text) => !isEvaluationError(parseSemanticVersion(text))),
  defineMethod("major", [semver], int, (_, value) => numberAt(value, 0)),
  defineMethod("minor", [semver], int, (_, value) => numberAt(value, 1)),
  defineMethod("patch", [semver], int, (_, value) => numberAt(value, 2)),
  defineMethod("isGreaterThan", [semver, semver], bool, (_, a, b) => compare(a, b) > 0),
  defineMethod("isLessThan", [semver, semver], bool, (_, a, b) => compare(a, b) < 0),
  defineMethod("compareTo", [semver, semver], int, (_, a, b) => BigInt(compare(a, b))),
];
