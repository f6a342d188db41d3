import type { Result, Value } from "../../go-values/value.ts";
import type { Scope } from "../../jmespath/compile/scope.ts";
import { isEvaluationError } from "../../model/evaluation-error.ts";
import { memberOf, membersOf } from "../assertion/tree-value.ts";
import { collectFor, type Switch, takeStep } from "./decision-tree.ts";
import type { Source } from "./match-source.ts";

/** The rules that a source's value tells of. */
export interface Probe {
  readonly source: Source;
  /** By {@link kindIndexOf}: the rules that may err when the value is of that kind. */
  readonly unsure: readonly (readonly number[])[];
  /** Where the value leads. */
  readonly branch: Switch | undefined;
}

/** Adds the rules that may apply to the payload, or err. */
export type SourceWalk = (payload: Value, scope: Scope, found: number[]) => void;

/** A source on the way, what is asked of it, and the sources behind it. */
interface Station {
  readonly step: Source["step"];
  probe: Probe | undefined;
  readonly next: Map<Source, Station>;
}

/** A station that is ready to be visited. */
type Visit = (value: Result, payload: Value, scope: Scope, found: number[]) => void;

/** So many fields of one object are looked up one by one; of more only those that the object has. */
const maxLookUps = 16;

/** Returns a walk that reads each source once, what lies on the way to several once for all. */
export function createSourceWalk(probes: readonly Probe[]): SourceWalk {
  const root: Station = { step: "", probe: undefined, next: new Map() };
  for (const probe of probes) stationOf(probe.source, root).probe = probe;
  const visit = compileStation(root);
  return (payload, scope, found) => {
    visit(payload, payload, scope, found);
  };
}

function stationOf(source: Source, root: Station): Station {
  if (source.from === undefined) return root;
  const { next } = stationOf(source.from, root);
  const known = next.get(source);
  if (known !== undefined) return known;
  const station: Station = { step: source.step, probe: undefined, next: new Map() };
  next.set(source, station);
  return station;
}

function compileStation({ probe, next }: Station): Visit {
  const fields: [string, Station][] = [];
  const others: Station[] = [];
  for (const station of next.values()) {
    if (typeof station.step === "string") fields.push([station.step, station]);
    else others.push(station);
  }
  const visits = others.map((station) => takeAndVisit(station));
  if (fields.length > maxLookUps) visits.push(lookFromObject(fields));
  else if (fields.length > 0) visits.push(lookUpEach(fields));
  if (probe !== undefined) visits.push(compileProbe(probe));
  const [only] = visits;
  if (only !== undefined && visits.length === 1) return only;
  return (value, payload, scope, found) => {
    for (const visit of visits) visit(value, payload, scope, found);
  };
}

function takeAndVisit(station: Station): Visit {
  const { step } = station;
  const visit = compileStation(station);
  return (value, payload, scope, found) => {
    const result = isEvaluationError(value) ? value : takeStep(step, value, scope);
    visit(result, payload, scope, found);
  };
}

function lookUpEach(fields: readonly (readonly [string, Station])[]): Visit {
  const visits = fields.map(([name, station]) => ({ name, visit: compileStation(station) }));
  return (value, payload, scope, found) => {
    const members = isEvaluationError(value) ? undefined : membersOf(value);
    for (const { name, visit } of visits) {
      const field = members === undefined ? value : memberOf(members, name);
      visit(field, payload, scope, found);
    }
  };
}

/** Absent fields are visited only where absence says something. */
function lookFromObject(fields: readonly (readonly [string, Station])[]): Visit {
  const visits = new Map(fields.map(([name, station]) => [name, compileStation(station)]));
  const heeding = fields.filter(([, station]) => heedsNull(station));
  const visitHeeding = lookUpEach(heeding);
  const heeded = new Set(heeding.map(([name]) => name));
  return (value, payload, scope, found) => {
    const members = isEvaluationError(value) ? undefined : membersOf(value);
    if (members === undefined) {
      for (const visit of visits.values()) visit(value, payload, scope, found);
      return;
    }
    visitHeeding(value, payload, scope, found);
    for (const name of Object.keys(members)) {
      if (heeded.has(name)) continue;
      visits.get(name)?.(memberOf(members, name), payload, scope, found);
    }
  };
}

/** Returns whether null at the station may add a rule. */
function heedsNull({ step, probe, next }: Station): boolean {
  if (typeof step !== "string") return true;
  if (probe !== undefined && (probe.unsure[0] ?? []).length > 0) return true;
  return probe?.branch?.equal.has(null) === true || [...next.values()].some(heedsNull);
}

function compileProbe({ unsure, branch }: Probe): Visit {
  const unsureOfText = unsure[3] ?? [];
  return (value, payload, scope, found) => {
    const ordinals = typeof value === "string" ? unsureOfText : unsure[kindIndexOf(value)];
    if (ordinals !== undefined && ordinals.length > 0) addAll(ordinals, found);
    if (branch !== undefined) collectFor(branch, value, payload, scope, found);
  };
}

function addAll(ordinals: readonly number[], found: number[]): void {
  for (const ordinal of ordinals) found.push(ordinal);
}

/** The place of the kind's bit in a guard (`match-condition.ts`), and 5 for an error. */
function kindIndexOf(value: Result): number {
  if (typeof value === "string") return 3;
  if (value === null) return 0;
  if (typeof value === "boolean") return 1;
  if (typeof value === "number") return 2;
  return isEvaluationError(value) ? 5 : 4;
}
