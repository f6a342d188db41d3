import type { Door } from "../model/check-record.ts";
import type { ClientTexts } from "../model/client-texts.ts";
import { type Diagnostic, isError } from "../model/diagnostic.ts";
import type { PolicyOptions } from "../model/limits.ts";
import { joinReads, type PayloadReads } from "../model/payload-reads.ts";
import type { PolicyGroup, PolicyLanguage } from "../model/policy-language.ts";
import type { PolicySnapshot } from "../model/policy-snapshot.ts";
import type { Steps } from "../model/resumable.ts";
import { createPolicySet, type PolicySet } from "./policy-set.ts";
import { type LanguageLoad, readPoliciesSteps } from "./read-policies.ts";

/** The result of loading a snapshot. */
export interface LoadedPolicySet {
  /** Absent when a diagnostic is an error: a set is loaded whole or not at all. */
  readonly policySet?: PolicySet;
  /** What the set may read of a payload; there when the set is. */
  readonly reads?: PayloadReads;
  /** Whether the work of every rule has a bound linear in the size of a payload; there when the set is. */
  readonly hasBoundedWork?: boolean;
  /** All faults and warnings of all files. */
  readonly diagnostics: readonly Diagnostic[];
}

/**
 * Compiles the snapshot's policies, or says what is wrong with them; in steps, so that a thread with other work can do
 * them one at a time. Files and rules are taken in small ones; the longest makes nodes of a whole document, 0.1 ms a
 * kilobyte. A document belongs to the first language that takes it, and to the first of all where none does.
 */
export function* loadPolicySetSteps(
  snapshot: PolicySnapshot,
  options: PolicyOptions,
  languages: readonly [PolicyLanguage, ...PolicyLanguage[]],
  texts: ClientTexts = "masked",
): Steps<LoadedPolicySet> {
  const [first, ...others] = languages;
  const loads = [beginLoad(first), ...others.map(beginLoad)] as const;
  const diagnostics = [...(yield* readPoliciesSteps(snapshot.files, options, loads))];
  const groups: PolicyGroup[] = [];
  for (const { load } of loads) {
    const compiled = yield* load.compileSteps(diagnostics.some(isError));
    diagnostics.push(...compiled.diagnostics);
    if (compiled.group !== undefined) groups.push(compiled.group);
  }
  if (diagnostics.some(isError)) return { diagnostics };
  diagnostics.push(...findUnjudgedDoors(snapshot, groups, options));
  return {
    policySet: createPolicySet(snapshot.revision, groups, options, texts),
    reads: joinReads(groups.map(({ reads }) => reads)),
    hasBoundedWork: groups.every(({ hasBoundedWork }) => hasBoundedWork),
    diagnostics,
  };
}

/** Returns a warning for each open door whose requests no policy judges. */
function findUnjudgedDoors(
  { files }: PolicySnapshot,
  groups: readonly PolicyGroup[],
  { openDoors = [] }: PolicyOptions,
): readonly Diagnostic[] {
  const withPolicies = groups.filter(({ policyNames }) => policyNames.length > 0);
  const [file] = files;
  if (withPolicies.length === 0 || file === undefined) return [];
  const isJudged = (door: Door): boolean =>
    withPolicies.some(({ doors }) => doors === undefined || doors.includes(door));
  return openDoors
    .filter((door) => !isJudged(door))
    .map((door) => {
      const [name, mode] = door === "grpc" ? ["gRPC", "Envoy"] : ["HTTP", "HTTP"];
      const message = `no policy judges the requests of the ${name} door: there is none of mode ${mode}, and no assertion tree`;
      const place = { file: file.path, line: 1, column: 1 };
      return { code: "POLICY_DOOR", severity: "warning", message, ...place };
    });
}

function beginLoad({ takes, begin }: PolicyLanguage): LanguageLoad {
  return { takes, load: begin() };
}
