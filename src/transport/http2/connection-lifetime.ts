/** The lifetime of connections and how they are watched; all in milliseconds, `Infinity` for never. */
export interface LifetimeOptions {
  /** After this long without a byte from the peer it is sent a PING. */
  readonly keepaliveMs: number;
  /** How long it may take to acknowledge that. */
  readonly keepaliveTimeoutMs: number;
  /** After this long without a stream a connection is ended. */
  readonly idleTimeoutMs: number;
  /** After about this long (±10 %) a connection is asked to be opened anew. */
  readonly maxConnectionAgeMs: number;
  /** How long open calls may then take. */
  readonly maxConnectionAgeGraceMs: number;
}

/**
 * Returns the age at which one connection is asked to be opened anew: the maximum give or take 10 %, so that connections that
 * were opened together do not all come back together.
 *
 * @param random gives a number from 0 up to but not including 1
 */
export function chooseMaxAgeMs(
  { maxConnectionAgeMs }: LifetimeOptions,
  random: () => number = Math.random,
): number {
  return maxConnectionAgeMs * (0.9 + 0.2 * random());
}
