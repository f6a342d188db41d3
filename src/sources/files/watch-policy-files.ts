import { setTimeout as sleep } from "node:timers/promises";
import type { SourceReading } from "../policy-source.ts";
import { fileDiagnostic, type Listing, listPolicyFiles } from "./list-policy-files.ts";
import { readListing } from "./read-policy-files.ts";

/** Looks at policy files from time to time. */
export interface PolicyWatch {
  /**
   * Looks now, and reports even if nothing has changed; what is under way is waited for. Calls that come while one
   * waits are answered by that one.
   */
  check(): Promise<void>;
  /** Looks once, as the timer does: a change is reported when the files are as the look before found them. */
  look(): Promise<void>;
  /** Stops looking; nothing is reported any more. */
  close(): void;
}

/** The options of watching: what to look at, how often, and whom to tell. */
export interface WatchOptions {
  readonly paths: readonly string[];
  /** Milliseconds between looks; 0 = only when asked. */
  readonly intervalMs: number;
  /** Told of each change, once the files have been the same for two looks; never called twice at a time. */
  readonly onChange: (outcome: SourceReading) => Promise<void>;
  /** Reads what was listed: {@link readListing} unless a test does something meanwhile. */
  readonly read?: typeof readListing;
}

/** How often, and after how many milliseconds, files that change while they are read on demand are read again. */
const rereads = { most: 20, pauseMs: 50 };

/**
 * Returns a watch that compares the files' names, sizes and times. Polling and not events: file systems behind
 * ConfigMap mounts, bind mounts and networks do not tell.
 */
export function watchPolicyFiles(options: WatchOptions, known: Listing): PolicyWatch {
  const { paths, read = readListing } = options;
  let reported = signatureOf(known);
  let last = reported;
  let closed = false;
  const enqueue = createQueue();

  const report = async (signature: string, outcome: SourceReading): Promise<void> => {
    if (closed) return;
    reported = signature;
    await options.onChange(outcome);
  };
  const look = enqueue(async () => {
    const listing = await listPolicyFiles(paths);
    const now = signatureOf(listing);
    const settled = now === last;
    last = now;
    if (!settled || now === reported) return;
    const outcome = await read(listing);
    last = signatureOf(await listPolicyFiles(paths));
    // Else it was read while somebody wrote, or half before and half after a link was swapped.
    if (last === now) await report(now, outcome);
  });
  const check = enqueue(async () => {
    const { signature, outcome } = await readSettled(paths, read);
    last = signature;
    await report(signature, outcome);
  });
  const timer = options.intervalMs > 0 ? setInterval(look, options.intervalMs) : undefined;
  timer?.unref();
  return {
    check,
    look,
    close: () => {
      closed = true;
      clearInterval(timer);
    },
  };
}

/** Returns a maker of functions that run one at a time; a call that finds the same one waiting shares its run. */
function createQueue(): (work: () => Promise<void>) => () => Promise<void> {
  let chain: Promise<unknown> = Promise.resolve();
  return (work) => {
    let waiting: Promise<void> | undefined;
    const run = async (before: Promise<unknown>): Promise<void> => {
      await before;
      waiting = undefined;
      await work();
    };
    return async () => {
      if (waiting === undefined) {
        waiting = run(chain);
        // Whoever called hears of the fault; the next one runs all the same.
        chain = waiting.catch(() => undefined);
      }
      await waiting;
    };
  };
}

/** Reads until the files are the same after the reading as before it. */
async function readSettled(
  paths: readonly string[],
  read: typeof readListing,
): Promise<{ readonly signature: string; readonly outcome: SourceReading }> {
  let listing = await listPolicyFiles(paths);
  for (let reread = 0; reread < rereads.most; reread++) {
    const signature = signatureOf(listing);
    const outcome = await read(listing);
    listing = await listPolicyFiles(paths);
    if (signatureOf(listing) === signature) return { signature, outcome };
    await sleep(rereads.pauseMs);
  }
  const message = "the policy files keep changing while they are read";
  const fault = fileDiagnostic("POLICY_UNREADABLE", paths.join(", "), message);
  const outcome = { diagnostics: [fault], removalIsExplicit: false };
  return { signature: signatureOf(listing), outcome };
}

function signatureOf({ files, diagnostics }: Listing): string {
  const faults = diagnostics.map(({ file, code }) => `${file}:${code}`);
  return [...files.map(({ signature }) => signature), ...faults].join("\n");
}
