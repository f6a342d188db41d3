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
  | "it is not deterministic"
  | "it takes no response that is written as a literal"
  | "its builders change what they are called on"
  | "it runs policies of the other mode"
  | "it applies exceptions that have expired"
  | "it cannot show a list of audiences"
  | "it cannot show a claim that is null"
  | "it accepts tokens with critical extensions"
  | "its HTTP client cannot be used"
  | "its native types have Go's names";

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
const literal = "it takes no response that is written as a literal";
const builders = "its builders change what they are called on";
const otherMode = "it runs policies of the other mode";
const expired = "it applies exceptions that have expired";
const audiences = "it cannot show a list of audiences";
const nullClaim = "it cannot show a claim that is null";
const critical = "it accepts tokens with critical extensions";
const client = "its HTTP client cannot be used";
const nativeNames = "its native types have Go's names";

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
  ...cel("compile", literal, 44),
  ...cel("functions", audiences, 1112),
  ...cel("functions", critical, 1132),
  ...cel("functions", client, 1251, 1252),
  ...cel("language", builders, 422, 423, 424, 425, 426),
  ...cel("language", nativeNames, 465, 476),
  ...cel("policies", builders, 490, 491, 492, 493, 494, 495),
  ...cel("policies", expired, 550, 551, 552, 553, 554, 555, 556, 557),
  ...cel("policies", literal, 598, 599, 600, 601, 602, 603, 604, 605, 606, 607),
  ...cel("policies", literal, 611, 612, 613, 614, 615, 616, 617, 618, 619, 620, 621),
  ...cel("policies", audiences, 751),
  ...cel("policies", nullClaim, 768),
  ...cel("policies", critical, 771),
  ...cel("policies-http", otherMode, 85, 86, 87, 88, 89, 90),
  ...cel("wrong-args", client, 1554, 1558),
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
  { reason: critical, isMeant: (_, { got }) => got.includes("names critical extensions") },
  { reason: literal, isMeant: (_, { wanted }) => wanted.includes("rule result is expected to be") },
  { reason: audiences, isMeant: (_, { wanted }) => wanted.includes("invalid type: []string") },
  { reason: nullClaim, isMeant: (_, { wanted }) => wanted.includes("source value is invalid") },
  { reason: client, isMeant: (_, { wanted }) => /http\.contextImpl|PEM CA bundle/.test(wanted) },
  { reason: nativeNames, isMeant: (_, { wanted }) => wanted.includes("no such field: ") },
  // Sweeps over all characters: those that are newer than Unicode 15.0 are letters, digits and so on here.
  { reason: oldUnicode, isMeant: (title) => title.startsWith("expr-sweeps: uni/word/") },
];

/** Vectors of CEL are numbered with four digits. */
function cel(file: string, reason: DifferenceReason, ...numbers: readonly number[]) {
  const ids = numbers.map((number) => `${file}-${String(number).padStart(4, "0")}`);
  return [{ file, ids, reason, of: "verdict" as const }];
}

function numbered(prefix: string, ...numbers: readonly number[]): string[] {
  return numbers.map((number) => `${prefix}/${number}`);
}
