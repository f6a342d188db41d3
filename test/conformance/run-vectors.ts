import type { Engine } from "./engine.ts";
import { expectedDifferences } from "./expected-differences.ts";
import type { Judgement } from "./judgement.ts";
import { judgeCheck } from "./run-check.ts";
import { judgeExpression } from "./run-expression.ts";
import { judgePolicy } from "./run-policy.ts";
import type { Finding } from "./tally.ts";
import { readVectorFile, type Vector } from "./vector.ts";

/** What each vector of the file comes to, in its order. */
export async function runVectorFile(path: string, engine: Engine): Promise<Finding[]> {
  const { name, vectors } = readVectorFile(path);
  const findings: Finding[] = [];
  for (const vector of vectors) {
    const judgement = await judge(vector, engine);
    const difference = expectedDifferences.find(
      (row) => row.file === name && row.ids.includes(vector.id),
    );
    findings.push({
      title: `${name}: ${vector.id}`,
      kind: vector.kind,
      judgement,
      ...(difference !== undefined && { difference }),
    });
  }
  return findings;
}

/** An exception is our fault, and fails the vector rather than the run. */
async function judge(vector: Vector, engine: Engine): Promise<Judgement> {
  try {
    switch (vector.kind) {
      case "expr":
        return judgeExpression(vector, engine.functions, engine.plan);
      case "policy":
        return await judgePolicy(vector, engine);
      case "check":
        return judgeCheck(vector, engine);
    }
  } catch (error) {
    return { agrees: false, wanted: "no exception", got: String(error) };
  }
}
