import type { Judgement } from "./judgement.ts";
import { type Vector, vectorKinds } from "./vector.ts";

/** One vector with what its run came to. */
export interface Finding {
  /** The vector file's name and the vector's id: `expr-jwt: jwt/0`. */
  readonly title: string;
  readonly kind: Vector["kind"];
  readonly judgement: Judgement;
  /** What is listed as different on purpose, and why. */
  readonly difference?: { readonly of: "verdict" | "text"; readonly reason: string };
}

/**
 * Returns whether the finding is as it has to be: the verdict agrees, or a listed difference is there. A listed difference
 * that is not there any more fails as well.
 */
export function isPassed({ judgement, difference }: Finding): boolean {
  if (difference?.of === "verdict") return !judgement.agrees;
  if (difference?.of === "text" && judgement.textsEqual !== false) return false;
  return judgement.agrees;
}

/** Returns whether the verdict agrees but a text differs that nobody listed. */
export function isTextFault({ judgement, difference }: Finding): boolean {
  return judgement.agrees && judgement.textsEqual === false && difference === undefined;
}

/** Returns the lines that sum the findings up, kind by kind; the last is `N passed, N failed`. */
export function formatTally(findings: readonly Finding[]): string[] {
  const lines = vectorKinds
    .map((kind) =>
      formatKind(
        kind,
        findings.filter((finding) => finding.kind === kind),
      ),
    )
    .filter((line) => line !== undefined);
  const listed = findings.filter(({ difference }) => difference !== undefined).length;
  const passed = findings.filter(isPassed).length;
  return [
    ...lines,
    `${listed} listed as different from the Go engine`,
    `${passed} passed, ${findings.length - passed} failed`,
  ];
}

function formatKind(kind: string, findings: readonly Finding[]): string | undefined {
  if (findings.length === 0) return undefined;
  const count = (test: (judgement: Judgement) => boolean): number =>
    findings.filter(({ judgement }) => test(judgement)).length;
  const agreeing = count(({ agrees }) => agrees);
  const equal = count(({ agrees, textsEqual }) => agrees && textsEqual === true);
  const unequal = count(({ agrees, textsEqual }) => agrees && textsEqual === false);
  return `${kind.padEnd(10)} ${agreeing} of ${findings.length} agree; texts: ${equal} equal, ${unequal} differ`;
}

/** Returns the lines that show one finding: title, what was wanted and what came, cut at `maxLength` characters each. */
export function formatFinding(finding: Finding, maxLength: number): string[] {
  const { judgement, difference, title } = finding;
  const cut = (text: string): string =>
    text.length > maxLength ? `${text.slice(0, maxLength)}…` : text;
  const note = difference === undefined ? "" : ` (listed as different: ${difference.reason})`;
  return [`${title}${note}`, `  wanted ${cut(judgement.wanted)}`, `  got    ${cut(judgement.got)}`];
}
