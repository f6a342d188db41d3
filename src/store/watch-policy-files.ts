import { type Listing, listPolicyFiles } from "./list-policy-files.ts";
import { type ReadOutcome, readListing } from "./read-policy-files.ts";

/** Looks at policy files from time to time. */
export interface PolicyWatch {
  /** Looks now, and reports even if nothing has changed; what is under way is waited for. */
  check(): Promise<void>;
  /** Stops looking. */
  close(): void;
}

/** What to look at, how often, and whom to tell. */
export interface WatchOptions {
  readonly paths: readonly string[];
  /** Milliseconds between looks; 0 = only when asked. */
  readonly intervalMs: number;
  /** Told of each change, once the files have been the same for two looks; never called twice at a time. */
  readonly onChange: (outcome: ReadOutcome) => Promise<void>;
}

/**
 * A watch that compares the files' names, sizes and times. Polling and not events: file systems behind ConfigMap
 * mounts, bind mounts and networks do not tell.
 */
export function watchPolicyFiles(options: WatchOptions, known: Listing): PolicyWatch {
  let reported = signatureOf(known);
  let last = reported;
  let chain: Promise<void> = Promise.resolve();
  let waiting = false;

  const report = async (listing: Listing): Promise<void> => {
    reported = signatureOf(listing);
    await options.onChange(await readListing(listing));
  };
  const look = async (): Promise<void> => {
    const listing = await listPolicyFiles(options.paths);
    const now = signatureOf(listing);
    const settled = now === last;
    last = now;
    if (settled && now !== reported) await report(listing);
  };
  const enqueue = async (work: () => Promise<void>): Promise<void> => {
    const mine = chain.then(work);
    chain = mine.catch(() => undefined);
    await mine;
  };
  const tick = (): void => {
    if (waiting) return;
    waiting = true;
    void enqueue(look).finally(() => {
      waiting = false;
    });
  };
  const timer = options.intervalMs > 0 ? setInterval(tick, options.intervalMs) : undefined;
  timer?.unref();
  return {
    check: async () => {
      await enqueue(async () => {
        await report(await listPolicyFiles(options.paths));
      });
    },
    close: () => {
      clearInterval(timer);
    },
  };
}

function signatureOf({ files, diagnostics }: Listing): string {
  const faults = diagnostics.map(({ file, code }) => `${file}:${code}`);
  return [...files.map(({ signature }) => signature), ...faults].join("\n");
}
