/** How many letters may differ between what was written and what is suggested. */
const maxDistance = 2;

/** Returns `; did you mean …?` with the nearest of the names, or nothing when none is near. */
export function suggestName(written: string, names: Iterable<string>): string {
  let best: string | undefined;
  let bestDistance = maxDistance + 1;
  for (const name of names) {
    if (Math.abs(name.length - written.length) >= bestDistance) continue;
    const distance = editDistance(written.toLowerCase(), name.toLowerCase());
    if (distance < bestDistance && distance < written.length) {
      best = name;
      bestDistance = distance;
    }
  }
  return best === undefined ? "" : `; did you mean \`${best}\`?`;
}

/** Returns how many letters have to be inserted, removed or replaced to make one text of the other. */
function editDistance(a: string, b: string): number {
  let previous = Array.from({ length: b.length + 1 }, (_, index) => index);
  for (let row = 1; row <= a.length; row += 1) {
    const current = [row];
    for (let column = 1; column <= b.length; column += 1) {
      const replaced = (previous[column - 1] ?? 0) + (a[row - 1] === b[column - 1] ? 0 : 1);
      const removed = (previous[column] ?? 0) + 1;
      const inserted = (current[column - 1] ?? 0) + 1;
      current.push(Math.min(replaced, removed, inserted));
    }
    previous = current;
  }
  return previous.at(-1) ?? 0;
}
