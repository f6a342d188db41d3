import type { Engine } from "./engine.ts";
import { differentAnswers, expectedDifferences } from "./expected-differences.ts";
import type { Judgement } from "./judgement.ts";
import { readVectorFile } from "./read-vectors.ts";
import { judgeCelExpression } from "./run-cel-expression.ts";
import { judgeCelPolicy } from "./run-cel-policy.ts";
import { judgeCheck } from "./run-check.ts";
import { judgeExpression } from "./run-expression.ts";
import { judgePolicy } from "./run-policy.ts";
import type { Finding } from "./tally.ts";
import type { CheckVector, Vector } from "./vector.ts";

/** The way to run a check vector: as calls of our code, unless it has to go another way. */
export type CheckJudge = (vector: CheckVector, engine: Engine) => Judgement | Promise<Judgement>;

/** Returns what each vector of the file comes to, in its order. */
export async function runVectorFile(
  path: string,
  engine: Engine,
  checkJudge: CheckJudge = judgeCheck,
): Promise<Finding[]> {
  const { name, vectors } = readVectorFile(path);
  return await runVectors(name, vectors, engine, checkJudge);
}

/** Returns what each of the vectors of the file `name` comes to, in their order. */
export async function runVectors(
  name: string,
  vectors: readonly Vector[],
  engine: Engine,
  checkJudge: CheckJudge = judgeCheck,
): Promise<Finding[]> {
  const findings: Finding[] = [];
  for (const vector of vectors) {
    const judgement = await judge(vector, engine, checkJudge);
    const title = `${name}: ${vector.id}`;
    const difference =
      expectedDifferences.find((row) => row.file === name && row.ids.includes(vector.id)) ??
      meantDifference(title, judgement);
    findings.push({
      title,
      kind: vector.kind,
      judgement,
      ...(difference !== undefined && { difference }),
    });
  }
  return findings;
}

/** Why an answer that differs is as it is meant to be, though its vector is not listed. */
function meantDifference(title: string, judgement: Judgement): Finding["difference"] {
  if (judgement.agrees && judgement.textsEqual !== false) return undefined;
  const meant = differentAnswers.find(({ isMeant }) => isMeant(title, judgement));
  return meant && { of: judgement.agrees ? "text" : "verdict", reason: meant.reason };
}

/** An exception is our fault, and fails the vector rather than the run. */
async function judge(vector: Vector, engine: Engine, checkJudge: CheckJudge): Promise<Judgement> {
  try {
    switch (vector.kind) {
      case "expr":
        return judgeExpression(vector, engine.functions, engine.plan);
      case "policy":
        return await judgePolicy(vector, engine);
      case "check":
        return await checkJudge(vector, engine);
      case "cel-expr":
        return judgeCelExpression(vector);
      case "cel-policy":
        return judgeCelPolicy(vector);
    }
  } catch (error) {
    return { agrees: false, wanted: "no exception", got: String(error) };
  }
}
