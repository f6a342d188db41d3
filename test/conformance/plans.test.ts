import assert from "node:assert/strict";
import { basename } from "node:path";
import { test } from "node:test";
import type { Decision, RuleResult } from "../../src/model/decision.ts";
import { isJsonObject, type JsonObject } from "../../src/model/json.ts";
import { shareOf } from "../support/test-effort.ts";
import { createEngine, type Engine } from "./engine.ts";
import { findVectorFiles, ownFolder, testedPaths } from "./find-vectors.ts";
import { readVectorFile } from "./read-vectors.ts";
import { runVectors } from "./run-vectors.ts";
import type { Vector } from "./vector.ts";

const planned = createEngine("planned");
const plain = createEngine("plain");
const files = testedPaths().flatMap((path) => findVectorFiles(path) ?? []);

/** A policy file's text and a request. */
interface Case {
  readonly policies: string;
  readonly payload: JsonObject;
}

test("every vector gives the same planned and plain", async (t) => {
  assert.ok(files.length >= 11, `${files.length} files`);
  for (const file of files) {
    await t.test(basename(file), async () => {
      const { name, vectors } = readVectorFile(file);
      const share = shareOf(vectors, 6);
      assert.deepEqual(
        await runVectors(name, share, planned),
        await runVectors(name, share, plain),
      );
    });
  }
});

test("so do the policies of many vectors in one set, for the request of each", () => {
  const own = findVectorFiles(ownFolder) ?? [];
  const cases = own.flatMap((file) => shareOf(readVectorFile(file).vectors, 4).flatMap(toCase));
  const good = cases.filter(({ policies }) => load(plain, [policies]) !== undefined);
  assert.ok(good.length > 750);
  const counts = { pass: 0, fail: 0, error: 0, skipped: 0 };
  for (const group of inGroups(good, 40)) {
    const texts = group.map(({ policies }) => policies);
    const sets = [load(planned, texts), load(plain, texts)];
    for (const { payload } of group) {
      const [answer, wanted] = sets.map((set) => set?.(payload));
      assert.ok(wanted !== undefined);
      assert.deepEqual(answer, wanted);
      for (const { status } of wanted.rules) counts[status] += 1;
    }
  }
  assert.ok(Math.min(counts.pass, counts.fail, counts.error) > 250, JSON.stringify(counts));
});

function toCase(vector: Vector): readonly Case[] {
  if (vector.kind === "policy" && vector.policies !== undefined) {
    return [{ policies: vector.policies, payload: vector.input }];
  }
  if (vector.kind !== "check" || vector.policies === "") return [];
  const { payload } = vector.expect;
  return isJsonObject(payload) ? [{ policies: vector.policies, payload }] : [];
}

function inGroups(cases: readonly Case[], size: number): readonly (readonly Case[])[] {
  const count = Math.ceil(cases.length / size);
  return Array.from({ length: count }, (_, i) => cases.slice(i * size, (i + 1) * size));
}

type Judge = (payload: JsonObject) => {
  readonly rules: readonly RuleResult[];
  readonly decision: Decision;
};

/** The function that judges requests by the policies, or undefined where these do not load. */
function load(engine: Engine, texts: readonly string[]): Judge | undefined {
  const sources = texts.map((text, i) => ({ path: `${i}.yaml`, text }));
  const { policySet } = engine.load({ revision: "r", files: sources });
  return (
    policySet &&
    ((payload) => ({
      rules: policySet.evaluate(payload, {
        ...engine.createBudget(),
        stepsLeft: Number.MAX_SAFE_INTEGER,
        bytesLeft: Number.MAX_SAFE_INTEGER,
      }),
      decision: policySet.decide({ payload, sizeBytes: 0 }),
    }))
  );
}
