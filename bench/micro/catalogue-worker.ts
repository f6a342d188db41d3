/** A worker that loads a catalogue as a server's worker would, and says what that took. */
import { setFlagsFromString } from "node:v8";
import { runInNewContext } from "node:vm";
import { parentPort, workerData } from "node:worker_threads";
import { createEvaluator } from "../../src/evaluator/evaluator.ts";
import { defaultPolicyOptions } from "../../src/model/limits.ts";
import { writeCatalogue } from "./catalogue.ts";
import type { CatalogueFigures } from "./measure-catalogue.ts";

const count = Number(workerData);
const files = writeCatalogue(count);
setFlagsFromString("--expose-gc");
const collectGarbage: () => void = runInNewContext("gc");
collectGarbage();
const heapBefore = process.memoryUsage().heapUsed;
const begunMs = performance.now();
const { evaluator } = createEvaluator({ revision: "micro", files }, defaultPolicyOptions);
const loadMs = performance.now() - begunMs;
const { heapTotal } = process.memoryUsage();
collectGarbage();
const figures: CatalogueFigures = {
  policies: evaluator?.policyNames.length ?? 0,
  loadMs,
  heldBytes: process.memoryUsage().heapUsed - heapBefore,
  heapTotalBytes: heapTotal,
};
parentPort?.postMessage(figures, []);
