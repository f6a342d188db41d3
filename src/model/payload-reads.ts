/** The names that lead from the payload to one of its parts; the empty path is the payload. */
export type PayloadPath = readonly string[];

/**
 * The parts of the payload that a policy set may look at: each path's value with all that is in it, and of the objects
 * on the way that they are objects. What is not named may be left out of the payload without any answer changing.
 *
 * Plain data: a worker tells it of the policies it has compiled.
 */
export type PayloadReads = readonly PayloadPath[];

/** The reads of policies that nothing is known of. */
export const readsEverything: PayloadReads = Object.freeze([Object.freeze([])]);

/** The path that stands for the header lines of a request of the HTTP door (`HttpDetails.headerLines`), which are beside the payload. */
export const headerLinesPath: PayloadPath = Object.freeze(["headerLines"]);

/** Returns whether a reader sees the header lines; whoever reads all of the payload alone does not. */
export function readsHeaderLines(reads: PayloadReads): boolean {
  return reads.some(([first]) => first === headerLinesPath[0]);
}

/**
 * The largest number of names in a path: `request.http.headers.NAME`. Deeper down nothing is told apart, and a longer way
 * counts as its beginning.
 */
export const maxPathLength = 4;

/** Returns what is read by any of several readers. */
export function joinReads(reads: readonly PayloadReads[]): PayloadReads {
  const [first = [], ...others] = reads;
  return others.length === 0 ? first : reads.flat();
}

/** Returns whether the value is a list of paths. */
export function isPayloadReads(value: unknown): value is PayloadReads {
  return Array.isArray(value) && value.every(isPath);
}

function isPath(value: unknown): value is PayloadPath {
  return Array.isArray(value) && value.every((name) => typeof name === "string");
}
