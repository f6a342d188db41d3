import { mkdirSync, mkdtempSync, rmSync, symlinkSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { dirname, join } from "node:path";
import type { Diagnostic } from "../../src/model/diagnostic.ts";
import type { JsonObject } from "../../src/model/json.ts";
import type { PolicySnapshot } from "../../src/model/policy-snapshot.ts";
import { createSnapshot, readPolicyFiles } from "../../src/sources/files/read-policy-files.ts";
import { formatRuleTexts, formatStatuses, toExpectedRules } from "./compare-rules.ts";
import type { Engine } from "./engine.ts";
import type { Judgement } from "./judgement.ts";
import type { ExpectedDecision, ExpectedRule, FileEntry, PolicyVector } from "./vector.ts";

/** Our engine's answer to policies and a payload, in the vectors' notation. */
export interface Answer {
  readonly verdict: "allow" | "deny" | "load-error";
  readonly loaded: number;
  readonly rules: readonly ExpectedRule[];
  readonly body: string;
  /** What kept the policies from loading. */
  readonly loadFaults: readonly Diagnostic[];
}

/** Returns how our decision on the payload compares with the Go engine's. */
export async function judgePolicy(vector: PolicyVector, engine: Engine): Promise<Judgement> {
  const { files, policyArgs = [], policies = "" } = vector;
  const source = files === undefined ? snapshotOf(policies) : await readFiles(files, policyArgs);
  const answer =
    "faults" in source ? refuse(source.faults) : answerFor(source, vector.input, engine);
  return compareAnswer(vector.expect, answer);
}

/** Returns a snapshot of one policy file's text; none when the text is empty. */
export function snapshotOf(policies: string): PolicySnapshot {
  return createSnapshot(policies === "" ? [] : [{ path: "policy.yaml", text: policies }]);
}

/** Returns what our engine makes of the payload. */
export function answerFor(snapshot: PolicySnapshot, payload: JsonObject, engine: Engine): Answer {
  const { policySet, diagnostics } = engine.load(snapshot);
  if (policySet === undefined) {
    return refuse(diagnostics.filter(({ severity }) => severity === "error"));
  }
  const decision = policySet.decide({ payload, sizeBytes: 0 });
  return {
    verdict: decision.allowed ? "allow" : "deny",
    loaded: policySet.policyNames.length,
    rules: toExpectedRules(policySet.evaluate(payload, engine.createBudget())),
    body: decision.body,
    loadFaults: [],
  };
}

/** Returns how an answer compares with the expected one, as far as the vector says that it can. */
export function compareAnswer(expect: ExpectedDecision, answer: Answer): Judgement {
  const wantsRules = expect.order !== "verdict-only" && expect.rules !== undefined;
  const wanted = formatPrimary(
    wantedVerdict(expect),
    expect.loaded,
    wantsRules ? expect.rules : undefined,
  );
  const got = formatPrimary(
    answer.verdict,
    expect.loaded === undefined ? undefined : answer.loaded,
    wantsRules ? answer.rules : undefined,
  );
  if (wanted !== got) {
    return {
      agrees: false,
      wanted,
      got: [got, ...answer.loadFaults.map(({ message }) => message)].join("; "),
    };
  }
  return { agrees: true, wanted, got, ...compareTexts(expect, answer) };
}

/** Returns what we have to answer: to deny where the Go process crashed, to refuse to load where the call failed for that reason. */
export function wantedVerdict({ verdict, rpcError = "" }: ExpectedDecision): string {
  if (verdict === "panic") return "deny";
  return verdict === "rpc-error" && !rpcError.startsWith("marshal:") ? "load-error" : verdict;
}

function compareTexts(expect: ExpectedDecision, answer: Answer): Partial<Judgement> {
  const { order, rules, body, loadError = expect.rpcError } = expect;
  if (answer.verdict === "load-error" && loadError !== undefined && order === "exact") {
    const got = originalText(answer.loadFaults);
    return { textsEqual: got === loadError, wanted: loadError, got };
  }
  if (order === "varies" || order === "verdict-only" || rules === undefined) return {};
  const wanted = formatRuleTexts(rules, order);
  const got = formatRuleTexts(answer.rules, order);
  if (wanted !== got) return { textsEqual: false, wanted, got };
  if (order === "lines" || body === undefined) return { textsEqual: true };
  return { textsEqual: body === answer.body, wanted: body, got: answer.body };
}

function formatPrimary(
  verdict: string,
  loaded: number | undefined,
  rules: readonly ExpectedRule[] | undefined,
): string {
  const parts = [verdict];
  if (loaded !== undefined) parts.push(`${loaded} loaded`);
  if (rules !== undefined) parts.push(`[${formatStatuses(rules)}]`);
  return parts.join("; ");
}

/** What the original printed: it stopped at the first faulty document, where ours says all that is wrong at once. */
function originalText(faults: readonly Diagnostic[]): string {
  return faults.find((fault) => fault.originalText !== undefined)?.originalText ?? "";
}

function refuse(loadFaults: readonly Diagnostic[]): Answer {
  return { verdict: "load-error", loaded: 0, rules: [], body: "", loadFaults };
}

/** The snapshot that the store reads from the files, laid out in a fresh folder, or why it cannot. */
async function readFiles(
  entries: readonly FileEntry[],
  policyArgs: readonly string[],
): Promise<PolicySnapshot | { readonly faults: readonly Diagnostic[] }> {
  const folder = mkdtempSync(join(tmpdir(), "ostiary-conformance-"));
  try {
    for (const { path, content, link } of entries) {
      mkdirSync(dirname(join(folder, path)), { recursive: true });
      if (link === undefined) writeFileSync(join(folder, path), content ?? "");
      else symlinkSync(link, join(folder, path));
    }
    const { snapshot, diagnostics } = await readPolicyFiles(
      policyArgs.map((arg) => join(folder, arg)),
    );
    const name = (fault: Diagnostic): Diagnostic => ({
      ...fault,
      originalText: (fault.originalText ?? "").replaceAll(folder, "$DIR"),
    });
    return snapshot ?? { faults: diagnostics.map(name) };
  } finally {
    rmSync(folder, { recursive: true });
  }
}
