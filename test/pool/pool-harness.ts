import { mkdtempSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import type { TestContext } from "node:test";
import type { CheckInput } from "../../src/model/check-input.ts";
import { Deadline } from "../../src/model/deadline.ts";
import type { Decision } from "../../src/model/decision.ts";
import { defaultPolicyOptions } from "../../src/model/limits.ts";
import {
  type AutomaticPool,
  createAutomaticPool,
  createThreadedPool,
  type ThreadedPool,
} from "../../src/pool/create-pool.ts";
import { type Dispatcher, type Outcome, PoolError } from "../../src/pool/dispatcher.ts";
import type { InlineEvaluator } from "../../src/pool/inline-evaluation.ts";
import type { PoolEvents } from "../../src/pool/pool-events.ts";
import {
  defaultInlineLimits,
  defaultPoolLimits,
  type InlineLimits,
  type PoolLimits,
} from "../../src/pool/pool-options.ts";

/** Returns a request that the scripted worker obeys; see `fixtures/scripted-worker.ts`. */
export function command(text: string, sizeBytes: number = 1_000): CheckInput {
  return { payload: { command: text }, sizeBytes };
}

function commandOf(input: CheckInput): string {
  const text = input.payload["command"];
  return typeof text === "string" ? text : "";
}

/** Everything a pool reported, in order, as text. */
export interface RecordedEvents extends PoolEvents {
  readonly seen: string[];
  readonly batches: number[];
  /** Resolves when the next batch has been sent, before anything can have come back. */
  sent(): Promise<void>;
}

export function recordEvents(): RecordedEvents {
  const seen: string[] = [];
  const batches: number[] = [];
  let tell: (() => void)[] = [];
  return {
    seen,
    batches,
    sent: () => new Promise((resolve) => tell.push(resolve)),
    batchSent(requests) {
      batches.push(requests);
      for (const resolve of tell) resolve();
      tell = [];
    },
    evaluatedInline: (requests) => seen.push(`inline ${requests}`),
    workerLost: (cause) => seen.push(`lost ${cause}`),
    evaluationFailed: (detail) => seen.push(`failed ${detail.split("\n")[0]}`),
    shed: (cause) => seen.push(`shed ${cause}`),
  };
}

/** The options of the pools of these tests; limits are short so that tests are. */
export interface HarnessOptions {
  readonly limits?: Partial<PoolLimits>;
  readonly inlineLimits?: Partial<InlineLimits>;
  /** How the scripted worker behaves when it starts. */
  readonly mood?: string;
  readonly events?: PoolEvents;
  /** What a request has in common with others; its `affinity` unless said otherwise. */
  readonly affinityOf?: (input: CheckInput) => number | undefined;
}

/** Returns a pool of scripted workers that has begun to start, and is closed after the test. */
export function startPool(test: TestContext, options: HarnessOptions = {}): ThreadedPool {
  const pool = createThreadedPool(poolOptions(options));
  closeAfter(test, pool);
  return pool;
}

/** Returns the same as {@link startPool}, but ready. */
export async function readyPool(
  test: TestContext,
  options: HarnessOptions = {},
): Promise<ThreadedPool> {
  const pool = startPool(test, options);
  await pool.ready();
  return pool;
}

/** Returns an automatic pool of scripted workers that has begun to start, and is closed after the test. */
export function startAutomaticPool(test: TestContext, options: HarnessOptions = {}): AutomaticPool {
  const inlineLimits = { ...defaultInlineLimits, ...options.inlineLimits };
  const pool = createAutomaticPool({ ...poolOptions(options), inlineLimits });
  closeAfter(test, pool);
  return pool;
}

function closeAfter(test: TestContext, pool: ThreadedPool): void {
  test.after(async () => {
    // In time that stands still no grace period would end.
    test.mock.reset();
    test.mock.timers.reset();
    await pool.close(0);
  });
}

function poolOptions(options: HarnessOptions): Parameters<typeof createThreadedPool>[0] {
  return {
    limits: { ...defaultPoolLimits, workers: 1, ...options.limits },
    start: {
      snapshot: { revision: options.mood ?? "well", files: [] },
      options: defaultPolicyOptions,
    },
    workerUrl: new URL("./fixtures/scripted-worker.ts", import.meta.url).href,
    events: options.events ?? recordEvents(),
    affinityOf: options.affinityOf ?? affinityOf,
  };
}

function affinityOf({ payload }: CheckInput): number | undefined {
  const affinity = payload["affinity"];
  return typeof affinity === "number" ? affinity : undefined;
}

/** Returns an evaluator for the main thread that obeys `allow`, `deny`, `throw` and `block:MS`. */
export function scriptedEvaluator(seen: CheckInput[] = []): InlineEvaluator {
  return {
    revision: "r",
    hasBoundedWork: true,
    decide(input): Decision {
      seen.push(input);
      const [name, argument] = commandOf(input).split(":");
      if (name === "throw") throw new Error("planted");
      const endMs = performance.now() + Number(argument ?? 0);
      while (performance.now() < endMs);
      if (name === "deny") return { allowed: false, reason: "rule-failed", body: "no" };
      return { allowed: true, reason: "passed", body: "" };
    },
    jwtCacheStats: () => ({ hits: 1, misses: 2, entries: 3, bytes: 4 }),
  };
}

/** Resolves with what the request comes to; never with a second outcome, which is thrown where it happens. */
export function dispatch(
  dispatcher: Dispatcher,
  input: CheckInput,
  waitMs: number = Number.POSITIVE_INFINITY,
  isGone?: () => boolean,
): Promise<Outcome> {
  return new Promise((resolve) => {
    let outcomes = 0;
    const done = (outcome: Outcome): void => {
      outcomes++;
      if (outcomes > 1) throw new Error("a second outcome");
      resolve(outcome);
    };
    dispatchAsDoor(dispatcher, input, waitMs, done, isGone);
  });
}

/** Returns `allow`, `deny` or the pool's code. */
export function nameOf(outcome: Outcome): string {
  if (outcome instanceof PoolError) return outcome.code;
  return outcome.allowed ? "allow" : "deny";
}

/** Resolves with the names of what the commands come to, all dispatched in one turn. */
export async function outcomesOf(
  dispatcher: Dispatcher,
  commands: readonly string[],
  waitMs?: number,
): Promise<string[]> {
  const outcomes = commands.map((text) => dispatch(dispatcher, command(text), waitMs));
  return (await Promise.all(outcomes)).map(nameOf);
}

const { setTimeout: setRealTimeout } = globalThis;

/** Resolves once the condition holds; the test's own timeout bounds the wait. */
export async function until(condition: () => boolean): Promise<void> {
  while (!condition()) await new Promise((resolve) => setRealTimeout(resolve, 2));
}

/** A command that holds its worker up until the gate is opened. */
export interface Gate {
  readonly command: string;
  open(): void;
}

/** Returns a gate that is closed. */
export function createGate(test: TestContext): Gate {
  const folder = mkdtempSync(join(tmpdir(), "ostiary-gate-"));
  const path = join(folder, "open");
  const open = (): void => writeFileSync(path, "");
  test.after(() => rmSync(folder, { recursive: true }));
  return { command: `wait:${path}`, open };
}

/** The time of the main thread, which passes at once when a test says so; that of workers does not. */
export interface TestTime {
  /** Sets the clock forward, or back, as if the thread had been held up: no timer has fired yet. */
  setForward(milliseconds: number): void;
  /** Lets time pass: timers that are due fire. */
  pass(milliseconds: number): void;
}

/** Returns the main thread's time, for timers that are set from now on. */
export function controlTime({ mock }: TestContext): TestTime {
  const realNow = performance.now.bind(performance);
  let aheadMs = 0;
  mock.method(performance, "now", () => realNow() + aheadMs);
  mock.timers.enable({ apis: ["setTimeout"] });
  return {
    setForward(milliseconds) {
      aheadMs += milliseconds;
    },
    pass(milliseconds) {
      aheadMs += milliseconds;
      mock.timers.tick(milliseconds);
    },
  };
}

/** Dispatches as a door does, which owns the deadline: the dispatcher is told when the time is up. */
export function dispatchAsDoor(
  dispatcher: Pick<Dispatcher, "dispatch" | "dropOverdue">,
  input: CheckInput,
  waitMs: number,
  done: (outcome: Outcome) => void,
  isGone?: () => boolean,
): void {
  const deadline = new Deadline(performance.now() + waitMs);
  let timer: NodeJS.Timeout | undefined;
  let isDone = false;
  dispatcher.dispatch(
    input,
    deadline,
    (outcome) => {
      isDone = true;
      clearTimeout(timer);
      done(outcome);
    },
    isGone,
  );
  if (isDone || waitMs === Number.POSITIVE_INFINITY) return;
  timer = setTimeout(
    () => dispatcher.dropOverdue(Math.max(deadline.atMs, performance.now())),
    Math.max(waitMs, 0),
  );
}
