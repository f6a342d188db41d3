/**
 * The kind of texts that an engine makes for the clients of a denied request. `masked` hides whatever a policy spells out. With
 * `original` they are the original's to the byte, keys included: only the conformance tests ask for that, and no
 * option leads there.
 */
export type ClientTexts = "masked" | "original";

/** The text that a client is shown in the place of a literal, an expected value, or a value that was not read from its request. */
export const maskText = "***";
