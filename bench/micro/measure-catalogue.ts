import { once } from "node:events";
import { Worker } from "node:worker_threads";
import { expectSame } from "./micro-case.ts";

/** The cost of loading a catalogue of policies, in a worker of its own. */
export interface CatalogueFigures {
  readonly policies: number;
  readonly loadMs: number;
  /** What the loaded policies keep of the worker's heap, after a collection. */
  readonly heldBytes: number;
  /** How large the worker's heap was when loading had just ended, garbage included. */
  readonly heapTotalBytes: number;
}

/** Returns the figures of one load; throws unless all policies load. */
export async function measureCatalogue(count: number): Promise<CatalogueFigures> {
  const worker = new Worker(new URL("./catalogue-worker.ts", import.meta.url), {
    workerData: count,
  });
  const [figures]: CatalogueFigures[] = await once(worker, "message");
  await worker.terminate();
  if (figures === undefined) throw new Error("the worker said nothing");
  expectSame("policies loaded", figures.policies, count);
  return figures;
}
