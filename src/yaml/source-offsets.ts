/** The places of a value's parts in its text. */
export interface Place {
  /** The value's key, or its own start where it has none; in UTF-16 code units. */
  readonly offset: number;
  readonly members?: ReadonlyMap<string, Place>;
  readonly items?: readonly Place[];
}

/** Returns the offset of the value at a path, or of the nearest ancestor that exists. */
export function findOffset(root: Place, path: readonly (string | number)[]): number {
  let place = root;
  for (const step of path) {
    const next = typeof step === "number" ? place.items?.[step] : place.members?.get(step);
    if (next === undefined) return place.offset;
    place = next;
  }
  return place.offset;
}
