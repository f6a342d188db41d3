import type { Judgement } from "./judgement.ts";

/** The only reasons for which our answer may differ from the Go engine's. */
export type DifferenceReason =
  | "the Go engine panics"
  | "it mutates its input"
  | "its loader drops, doubles or skips documents, files or keys in silence"
  | "it allows with no policy at all"
  | "it expands a message's data again as a template"
  | "its answer cannot be put on the wire, because the body is not UTF-8"
  | "it verifies tokens with an empty key"
  | "it knows Unicode 15.0 only"
  | "it is not deterministic";

/** Vectors whose answer differs on purpose; each is run all the same, and has to differ. */
export interface ExpectedDifference {
  /** The vector file's name, without `.jsonl`. */
  readonly file: string;
  readonly ids: readonly string[];
  readonly reason: DifferenceReason;
  /** Whether verdict, value or class differ, or the text only. */
  readonly of: "verdict" | "text";
}

const noPolicy = "it allows with no policy at all";
const loader = "its loader drops, doubles or skips documents, files or keys in silence";
const unwritable = "its answer cannot be put on the wire, because the body is not UTF-8";
const mutation = "it mutates its input";
const expansion = "it expands a message's data again as a template";
const emptyKey = "it verifies tokens with an empty key";
const oldUnicode = "it knows Unicode 15.0 only";
const random = "it is not deterministic";

/** All of them. */
export const expectedDifferences: readonly ExpectedDifference[] = [
  {
    file: "check-authz",
    ids: numbered("check/none", 1, 2, 3, 4, 5),
    reason: noPolicy,
    of: "verdict",
  },
  {
    file: "check-authz",
    ids: numbered("check/binary-message", 1, 2, 3, 4, 5),
    reason: unwritable,
    of: "verdict",
  },
  // The order of an object's keys, which the rest of the collection leaves open.
  { file: "expr-generated", ids: ["gram/1032"], reason: random, of: "verdict" },
  { file: "expr-jwt", ids: numbered("jwt", 19, 35), reason: emptyKey, of: "verdict" },
  // Characters that Unicode 15.0 does not have yet, in classes of regular expressions.
  {
    file: "expr-sweeps",
    ids: ["800", "c00", "1c00"].map((start) => `uni/word/${start}`),
    reason: oldUnicode,
    of: "verdict",
  },
  { file: "policy-yaml2", ids: ["y2/1462"], reason: random, of: "text" },
  // What sort_by was given is sorted afterwards.
  { file: "expr-regression", ids: ["s6/C23"], reason: mutation, of: "verdict" },
  { file: "policy-render", ids: ["render/msg/1088"], reason: mutation, of: "text" },
  { file: "policy-regression", ids: ["s6/B20a"], reason: expansion, of: "text" },
  { file: "policy-regression", ids: ["s6/B10a", "claim/R106"], reason: noPolicy, of: "verdict" },
  { file: "policy-yaml", ids: numbered("yaml/docs", 444, 445), reason: noPolicy, of: "verdict" },
  { file: "policy-yaml", ids: ["yaml/files/736"], reason: noPolicy, of: "verdict" },
  { file: "policy-upstream", ids: ["catalog/empty/foo-bar/189"], reason: noPolicy, of: "verdict" },
  // Something other than a comment behind `---`.
  {
    file: "policy-regression",
    ids: ["s6/B24", "claim/R095", "claim/R096"],
    reason: loader,
    of: "verdict",
  },
  { file: "policy-yaml", ids: numbered("yaml/docs", 426, 427, 428), reason: loader, of: "verdict" },
  // A second policy behind `...`.
  { file: "policy-regression", ids: ["claim/R103"], reason: loader, of: "verdict" },
  // Two keys that are one once they are text.
  { file: "policy-regression", ids: ["claim/Y078"], reason: loader, of: "verdict" },
  { file: "policy-yaml", ids: numbered("yaml/node", 331, 334), reason: loader, of: "verdict" },
  // Files that are named outright, with an extension other than `.yaml` and `.yml`.
  { file: "policy-regression", ids: ["s6/B25"], reason: loader, of: "verdict" },
  {
    file: "policy-yaml",
    ids: numbered("yaml/files", 709, 710, 712, 713),
    reason: loader,
    of: "verdict",
  },
  // Symbolic links that are named outright.
  { file: "policy-yaml", ids: numbered("yaml/files", 728, 730), reason: loader, of: "verdict" },
  // One file read twice: named twice, or reached on two ways as in a mounted ConfigMap.
  { file: "policy-regression", ids: ["s6/B26"], reason: loader, of: "verdict" },
  { file: "policy-yaml", ids: numbered("yaml/files", 720, 733), reason: loader, of: "verdict" },
];

/**
 * Answers that differ on purpose wherever they come up, be they listed or not. An answer that does not differ is judged
 * like any other.
 */
export const differentAnswers: readonly {
  readonly reason: DifferenceReason;
  readonly isMeant: (title: string, judgement: Judgement) => boolean;
}[] = [
  { reason: emptyKey, isMeant: (_, { got }) => got.includes("the secret is empty") },
  // Sweeps over all characters: those that are newer than Unicode 15.0 are letters, digits and so on here.
  { reason: oldUnicode, isMeant: (title) => title.startsWith("expr-sweeps: uni/word/") },
];

function numbered(prefix: string, ...numbers: readonly number[]): string[] {
  return numbers.map((number) => `${prefix}/${number}`);
}
